# shellcheck shell=bash disable=SC2034,SC2154 # sourced by servers.sh with lifecycle.sh
# What the servers are: where each comes from, and how each kind is initialized, run and asked.

all=(mysql mariadb mariadb11 tidb postgres postgres18)

# use NAME: makes it the server that every function below works on. The ports lie under Linux's range for outgoing
# connections (32768 and up), where any program might be holding one.
use() {
  name=$1
  local suite_packages=
  case $name in
    mysql) family=mysql port=21306 takes='half a minute, 54 MB' suite_packages='sid mysql-server-core mysql-client-core' ;;
    mariadb) family=mariadb port=21310 takes='a quarter of a minute, 16 MB' suite_packages='bookworm mariadb-server-core mariadb-client-core' ;;
    mariadb11) family=mariadb port=21311 takes='a quarter of a minute, 17 MB' suite_packages='trixie mariadb-server-core mariadb-client-core' ;;
    tidb) family=tidb port=21400 takes='built from source: 15 minutes of one core, once' ;;
    postgres) family=postgres port=21515 takes='20 seconds, 51 MB' suite_packages='bookworm postgresql-15 postgresql-client-15' ;;
    postgres18) family=postgres port=21518 takes='half a minute, 37 MB' suite_packages='sid postgresql-18 postgresql-client-18' ;;
    galera | galera.[123]) family=galera port=21320 takes='half a minute, 22 MB'
      suite_packages='bookworm mariadb-server-core mariadb-client-core mariadb-server galera-4 rsync lsof' ;;
    groupreplication | groupreplication.[123]) family=groupreplication port=21360 takes='the same programs as mysql'
      suite_packages='sid mysql-server-core mysql-client-core' ;;
    *) name=; say "no server is called $1; there are ${all[*]} ${clusters[*]}"; exit 2 ;;
  esac
  read -ra debs <<<"$suite_packages"
  # A copy runs the same programs, on data and a port of its own.
  local whole=${name%.*} # of a node, its cluster
  home=$data_root/$whole${copy:+-$copy} port=$((port + 1000 * ${copy:-0}))
  prefix=$root/${whole/groupreplication/mysql}/prefix data=$home/data run=$home/run
  log=$home/log variable=TABLESNAP_TEST_${whole^^} stop_signal=TERM environment=()
  "${family}_use"
}

# MySQL and MariaDB. Small, and as safe against their own kill -9 as with the defaults: only a crash of the machine
# could lose the last second. Every path is given because the compiled-in ones are the system's.

mysql_like_use() {
  local binlog=(--skip-log-bin)
  [ -z "${TABLESNAP_SERVERS_BINLOG:-}" ] || binlog=(--log-bin=binlog --server-id=1 --binlog-format=ROW)
  common=(--no-defaults "--basedir=$prefix/usr" "--datadir=$data" "--lc-messages-dir=$prefix/usr/share/mysql"
    "--character-sets-dir=$prefix/usr/share/mysql/charsets" "--plugin-dir=$prefix/usr/lib/mysql/plugin")
  args=("${common[@]}" --bind-address=127.0.0.1 "--port=$port" "--socket=$run/sock" "--pid-file=$run/pid"
    --local-infile=ON "${binlog[@]}" --max-connections=500 --innodb-buffer-pool-size=256M --innodb-flush-log-at-trx-commit=2)
}

mysql_use() {
  mysql_like_use
  server=$prefix/usr/sbin/mysqld client=$prefix/usr/bin/mysql
  dsn=mysql://root@127.0.0.1:$port/tablesnap_test
  args+=(--innodb-redo-log-capacity=256M --mysqlx=OFF --performance-schema=OFF --secure-file-priv=NULL)
}

mysql_install() { unpack; }
mysql_init() { "${unprivileged[@]}" "$server" "${common[@]}" --initialize-insecure; }
mysql_open() {
  "${unprivileged[@]}" "$client" --no-defaults --user=root --host=127.0.0.1 "--port=$port" --batch --skip-column-names \
    --execute='CREATE DATABASE IF NOT EXISTS tablesnap_test; SELECT VERSION()'
}

mariadb_use() {
  mysql_like_use
  server=$prefix/usr/sbin/mariadbd client=$prefix/usr/bin/mariadb
  dsn=mariadb://root@127.0.0.1:$port/tablesnap_test
  args+=(--innodb-log-file-size=256M)
}

mariadb_install() { unpack; }
mariadb_init() {
  "${unprivileged[@]}" "$prefix/usr/bin/mariadb-install-db" "${common[@]}" --force --skip-test-db \
    --auth-root-authentication-method=normal
}
mariadb_open() { mysql_open; }

# TiDB, with its storage in the same process. MariaDB's client serves it: MySQL's no longer knows TiDB's default way to
# log in.

tidb_use() {
  server=$prefix/tidb-server client=$root/mariadb/prefix/usr/bin/mariadb
  dsn=tidb://root@127.0.0.1:$port/tablesnap_test
  args=(-store=unistore "-path=$data" -host=127.0.0.1 -advertise-address=127.0.0.1 "-P=$port" "-socket=$run/sock"
    -report-status=false -status-host=127.0.0.1 "-temp-dir=$run" -L=warn)
  environment=(GOGC=400) # memory is there, time is not
}

tidb_install() {
  [ -x "$client" ] || die "its client, MariaDB's, is not installed"
  mkdir -p "$prefix"
  (cd "$here/tidb" && GOWORK=off nice go build -mod=readonly -ldflags='-s -w' -o "$server" \
    github.com/pingcap/tidb/cmd/tidb-server)
}
tidb_init() { :; }
# What it does by itself takes as long as a test does, beside databases that come and go by the hundred. A temporary
# table holds the least that it may, so that tests need no large files.
tidb_open() {
  mysql_open && "${unprivileged[@]}" "$client" --no-defaults --user=root --host=127.0.0.1 "--port=$port" --execute='
    SET GLOBAL tidb_enable_auto_analyze = OFF; SET GLOBAL tidb_enable_dist_task = OFF; SET GLOBAL tidb_schema_cache_size = 0;
    SET GLOBAL tidb_enable_stats_owner = OFF; SET GLOBAL tidb_tmp_table_max_size = 1048576'
}

# PostgreSQL. jit is off because its LLVM is not unpacked; SIGINT is its fast shutdown, SIGTERM would wait for clients.

postgres_use() {
  local bin=("$prefix"/usr/lib/postgresql/*/bin)
  server=${bin[0]}/postgres client=${bin[0]}/psql stop_signal=INT
  dsn="postgres://postgres@127.0.0.1:$port/tablesnap_test?sslmode=disable"
  args=(-D "$data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c jit=off
    -c max_connections=500 -c autovacuum=off) # it would look into each of the hundreds of databases that come and go
}

postgres_install() { unpack; }
postgres_init() {
  "${unprivileged[@]}" "$(dirname "$server")/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C -N
}
postgres_open() {
  local psql=("${unprivileged[@]}" "$client" -X -A -t -h 127.0.0.1 -p "$port" -U postgres -c)
  "${psql[@]}" 'SHOW server_version' || return
  if [ -z "$("${psql[@]}" "SELECT 1 FROM pg_database WHERE datname = 'tablesnap_test'")" ]; then
    "${psql[@]}" 'CREATE DATABASE tablesnap_test' >/dev/null
  fi
}
