#!/usr/bin/env bash
# Writes the plans of all uploads as a comment on the pull request, in place of the comment
# that it wrote before, and into the summary of the job.
set -euo pipefail
tablesnap=${TABLESNAP:-$RUNNER_TEMP/tablesnap/tablesnap}
marker='<!-- tablesnap: plans -->'
body=$RUNNER_TEMP/tablesnap-comment.md
most=60000 # GitHub takes comments of up to 65536 characters

schema=()
if [ -n "$SCHEMAS" ]; then schema=(--schema "$SCHEMAS"); fi
errors=$RUNNER_TEMP/tablesnap-errors.txt
fence='~~~~~~' # no line of a message begins with it
plans=$("$tablesnap" plan --all --format markdown "${schema[@]}" 2>"$errors") ||
	plans+=$(printf '\n\n%s\n%s\n%s' "$fence" "$(cat "$errors")" "$fence")
printf '%s\n\n%s\n' "$marker" "$plans" >"$body"
printf '%s\n' "$plans" >>"$GITHUB_STEP_SUMMARY"
if [ "$(wc -c <"$body")" -gt "$most" ]; then
	printf '%s\n\nThe plans are too long for a comment. The summary of the job has them.\n' "$marker" >"$body"
fi

# Somebody else may write a comment with the marker, which this token could not change.
mine=$(gh api --paginate "repos/$REPOSITORY/issues/$PULL_REQUEST/comments" --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id" | sed -n 1p)
if [ -n "$mine" ]; then
	send=(PATCH "repos/$REPOSITORY/issues/comments/$mine")
else
	send=(POST "repos/$REPOSITORY/issues/$PULL_REQUEST/comments")
fi
if ! gh api --method "${send[@]}" --field "body=@$body" --silent; then
	echo "::warning::The comment could not be written: the token needs the permission pull-requests: write, which it never has for a fork. The summary of the job has the plans."
fi
