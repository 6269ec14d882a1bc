# shellcheck shell=bash disable=SC2034,SC2154 # sourced by servers.sh with lifecycle.sh
# Clusters of three nodes. galera is a whole cluster; galera.1 to galera.3 are its nodes, and each of them is a server
# like any other. Only starting differs: nodes join those that have a quorum. If no quorum is left, the node with the
# most transactions founds the cluster anew.

clusters=(galera groupreplication)

is_cluster() { [[ " ${clusters[*]} " == *" $1 "* ]]; }

# nodes NAME...: the same names, and instead of a cluster its nodes.
nodes() {
  local n
  for n; do
    if is_cluster "$n"; then printf '%s\n' "$n".{1,2,3}; else echo "$n"; fi
  done
}

# cluster_use FAMILY: a node is a server of that family. Its ports for the other nodes are 10, 20 and 30 higher than that
# for clients.
cluster_use() {
  first_port=$port node=
  if ! is_cluster "$name"; then node=${name##*.} home+=/$node; fi
  data=$home/data run=$home/run log=$home/log port=$((port + ${node:-1}))
  "$1_use"
  if [ -z "$node" ]; then dsn="$dsn ${dsn/:$port/:$((port + 1))} ${dsn/:$port/:$((port + 2))}"; fi
}

peers() { echo "127.0.0.1:$((first_port + 11)),127.0.0.1:$((first_port + 12)),127.0.0.1:$((first_port + 13))"; }

# ask SQL: of this node. A paused one takes the connection and does not answer.
ask() {
  timeout 60 "${unprivileged[@]}" "$client" --no-defaults --user=root --host=127.0.0.1 "--port=$port" --connect-timeout=5 \
    --batch --skip-column-names --execute="$1"
}

# wait_for SECONDS CONDITION...: a condition may print why it does not hold.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >"$home/refusal" 2>&1; do
    if [ $SECONDS -ge $deadline ]; then tail -n 10 "$log"; cat "$home/refusal"; die "gave up waiting: $*"; fi
    sleep 0.3
  done
}

start_cluster() {
  local began=$EPOCHREALTIME n founder
  for n in $(nodes "$name"); do (use "$n" && begin_node) & done
  for n in 1 2 3; do wait -n; done
  if [ -z "$(with_quorum "$name")" ]; then
    founder=$(most_advanced "$name")
    (use "$founder" && found_cluster >/dev/null) || die "$founder did not found it"
  fi
  for n in $(nodes "$name"); do (use "$n" && start_node >/dev/null) || die "$n did not join"; done
  (use "$name.1" && "${family}_complete")
  echo "three nodes up on 127.0.0.1:$port to $((port + 2)), after $(seconds_since "$began") s"
}

found_cluster() {
  local pid='' version
  "${family}_found"
  wait_until_open "${pid:-$(parent_pid)}"
  "${family}_founded"
}

start_node() {
  local began=$EPOCHREALTIME pid='' version
  if [ -z "$(with_quorum "${name%.*}")" ]; then
    die "the nodes that run have no quorum: servers.sh start ${name%.*} founds the cluster anew"
  fi
  begin_node
  "${family}_join"
  wait_until_open "${pid:-$(parent_pid)}"
  echo "up on 127.0.0.1:$port, version $version, after $(seconds_since "$began") s"
}

# begin_node: all that comes before the program is run.
begin_node() {
  [ -e "$home/initialized" ] || kill_one >/dev/null # an initialization that outlived its script
  if [ -n "$(pids)" ]; then resume_one >/dev/null; return; fi
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then die "port $port is taken by another program"; fi
  mkdir -p "$home"
  prepare
}

# with_quorum CLUSTER: one of the nodes that have one. A node may not have noticed yet that others are gone; so its word
# counts if more than half of those that it sees do run.
with_quorum() {
  local n size running=0
  for n in $(nodes "$1"); do
    use "$n"
    if [ -n "$(pids)" ]; then running=$((running + 1)); fi
  done
  for n in $(nodes "$1"); do
    use "$n"
    if [ -z "$(pids)" ]; then continue; fi
    size=$("${family}_view" 2>/dev/null) || continue
    if [ "${size:-0}" -gt 0 ] && [ $((2 * running)) -gt "$size" ]; then echo "$n"; return; fi
  done
}

# most_advanced CLUSTER: the node to found it with.
most_advanced() {
  local n best='' position=
  for n in $(nodes "$1"); do
    use "$n"
    if [ -z "$best" ] || "${family}_is_beyond" "$position" >&2; then best=$n position=$("${family}_position"); fi
  done
  echo "$best"
}

# Galera, with MariaDB. Its scripts look for rsync, lsof and MariaDB's programs in PATH. With pc.recovery, a node would
# wait for those of its last view.

galera_use() {
  cluster_use mariadb
  environment=("PATH=$prefix/usr/bin:$PATH")
  local group=$((port + 10)) provider
  provider="base_host=127.0.0.1;base_port=$group;gmcast.listen_addr=tcp://127.0.0.1:$group;pc.recovery=false"
  args+=(--innodb-buffer-pool-size=64M --innodb-log-file-size=64M --max-connections=200 --binlog-format=ROW
    --innodb-autoinc-lock-mode=2 --wsrep-on=ON "--wsrep-provider=$prefix/usr/lib/libgalera_smm.so"
    "--wsrep-cluster-name=galera$copy" "--wsrep-node-name=${name/./-}" "--wsrep-node-address=127.0.0.1:$group"
    "--wsrep-cluster-address=gcomm://$(peers)"
    --wsrep-sst-method=rsync "--wsrep-sst-receive-address=127.0.0.1:$((port + 30))"
    "--wsrep-provider-options=$provider;ist.recv_addr=127.0.0.1:$((port + 20));gcache.size=32M")
}

galera_install() { unpack; }
# The others get the data of one that has some when they join.
galera_init() { if [ "$node" = 1 ]; then mariadb_init; fi; }
galera_status() { ask "SHOW STATUS WHERE variable_name = '$1'" | cut -f 2; }
galera_view() { if [ "$(galera_status wsrep_cluster_status)" = Primary ]; then galera_status wsrep_cluster_size; fi; }
# A node that was paused still believes that it is synced; a read that waits for the others proves it.
galera_open() {
  [ "$(galera_status wsrep_local_state_comment)" = Synced ] && ask 'SET SESSION wsrep_sync_wait = 1; SELECT VERSION()'
}
galera_founded() { ask 'CREATE DATABASE IF NOT EXISTS tablesnap_test'; }
galera_complete() { :; }

galera_is_beyond() {
  local mine
  mine=$(galera_position)
  [ "${mine##*:}" -gt "${1##*:}" ]
}

# galera_position: the last transaction that the node has. After a kill only InnoDB knows it.
galera_position() {
  if [ -n "$(pids)" ]; then echo ":$(galera_status wsrep_last_committed)"; return; fi
  if ! [ -e "$data/grastate.dat" ]; then echo "00000000-0000-0000-0000-000000000000:-1"; return; fi
  rm -f "$home/recovery"
  (cd "$data" && "${unprivileged[@]}" env "TMPDIR=$run" "${environment[@]}" "$server" "${args[@]}" --wsrep-recover) \
    >"$home/recovery" 2>&1
  sed -n 's/.*Recovered position: *//p' "$home/recovery" | tail -n 1
}

galera_join() {
  if [ -n "$(pids)" ]; then return; fi
  args+=("--wsrep-start-position=$(galera_position)")
  launch
  pid=$!
}

galera_without_quorum() { [ "$(galera_status wsrep_cluster_status)" = non-Primary ]; }

galera_found() {
  if [ -n "$(pids)" ]; then
    wait_for 60 galera_without_quorum # it takes a while to give up the others
    ask "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'"
    return
  fi
  if [ -e "$data/grastate.dat" ]; then sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' "$data/grastate.dat"; fi
  args+=(--wsrep-new-cluster)
  galera_join
}

# Group Replication, with one primary, unless group_replication_switch_to_multi_primary_mode() was called: the nodes
# remember that. It needs performance_schema, which is kept small.

groupreplication_use() {
  cluster_use mysql
  args[0]=--defaults-file=$home/my.cnf # an empty one: with --no-defaults the server would forget SET PERSIST, and the mode
  args+=(--innodb-buffer-pool-size=64M --innodb-redo-log-capacity=64M --innodb-log-buffer-size=8M --max-connections=200
    --performance-schema=ON --performance-schema-instrument=%=OFF --performance-schema-digests-size=0
    --performance-schema-events-statements-history-long-size=0 --performance-schema-error-size=0
    --performance-schema-accounts-size=0 --performance-schema-hosts-size=0 --performance-schema-users-size=0
    "--server-id=${node:-1}" --log-bin=bin --sync-binlog=0 --gtid-mode=ON --enforce-gtid-consistency=ON
    --report-host=127.0.0.1 "--report-port=$port" --plugin-load-add=group_replication.so
    --loose-group-replication-group-name=aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa
    --loose-group-replication-start-on-boot=OFF "--loose-group-replication-group-seeds=$(peers)"
    "--loose-group-replication-local-address=127.0.0.1:$((port + 10))"
    --loose-group-replication-message-cache-size=134217728 --loose-group-replication-recovery-get-public-key=ON)
}

groupreplication_install() { unpack; }
groupreplication_init() { mysql_init; }
members=performance_schema.replication_group_members
groupreplication_state() { ask "SELECT member_state FROM $members WHERE member_id = @@server_uuid"; }
groupreplication_view() {
  ask "SELECT COUNT(*) FROM $members HAVING SUM(member_id = @@server_uuid AND member_state = 'ONLINE')"
}
# A group that has not noticed yet that the node was killed refuses it, and one that gave the node up tells it late: so a
# node tries to join again and again, and a read that waits for the others proves that it is ONLINE.
groupreplication_open() {
  case $(groupreplication_state) in
    OFFLINE | ERROR) ask "STOP GROUP_REPLICATION; START GROUP_REPLICATION USER = 'root'" >&2 ;;
  esac
  ask "SET SESSION group_replication_consistency = 'BEFORE'; SELECT IF(member_state = 'ONLINE', VERSION(), member_state)
    FROM $members WHERE member_id = @@server_uuid" | grep '^[0-9]'
}
groupreplication_founded() { ask 'CREATE DATABASE IF NOT EXISTS tablesnap_test'; }

# The first node is the primary of a group that was started as a whole.
groupreplication_complete() {
  if [ "$(ask "SELECT member_role FROM $members WHERE member_id = @@server_uuid")" = PRIMARY ]; then return; fi
  ask 'SELECT group_replication_set_as_primary(@@server_uuid)'
}

# groupreplication_run: the server alone, which does not take part in the group yet.
groupreplication_run() {
  if [ -z "$(pids)" ]; then
    : >"$home/my.cnf"
    launch
    pid=$!
  fi
  wait_for 60 ask 'SELECT 1'
}

# What the node has received counts: it applies that when it starts.
groupreplication_position() {
  groupreplication_run
  ask "SELECT REPLACE(CONCAT_WS(',', @@GLOBAL.gtid_executed, NULLIF(received_transaction_set, '')), '\n', '')
    FROM (SELECT MAX(received_transaction_set) AS received_transaction_set
      FROM performance_schema.replication_connection_status WHERE channel_name = 'group_replication_applier') AS applier"
}

groupreplication_is_beyond() {
  local mine
  mine=$(groupreplication_position)
  [ "$(ask "SELECT GTID_SUBSET('$1', '$mine') AND NOT GTID_SUBSET('$mine', '$1')")" = 1 ]
}

groupreplication_founds="SET GLOBAL group_replication_bootstrap_group = ON; START GROUP_REPLICATION USER = 'root';
  SET GLOBAL group_replication_bootstrap_group = OFF"

# Nodes without a quorum leave the old group first.
groupreplication_found() {
  local n
  for n in $(nodes "${name%.*}"); do (use "$n" && groupreplication_run && ask 'STOP GROUP_REPLICATION'); done
  ask "$groupreplication_founds"
}

groupreplication_join() { groupreplication_run; } # the rest is done by groupreplication_open
