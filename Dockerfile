# The image of a release. goreleaser builds it from the binaries of the release:
# docker run --rm -v "$PWD:/work" ghcr.io/tablesnap/tablesnap plan rows.csv --table t --doc-id d
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/tablesnap /usr/bin/tablesnap
WORKDIR /work
ENTRYPOINT ["/usr/bin/tablesnap"]
