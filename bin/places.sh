# Sourced by the programs beside it, which have set $root: where the jar, its ahead-of-time cache and Java are, in a source tree
# that was built, and in an unpacked distribution; ends the program when one of them is not there. And what the programs ask alike.
# shellcheck shell=sh disable=SC2154,SC2034 # set, and used, by who sources it
if [ -f "$root/pipecat-manager.jar" ]; then
  jar="$root/pipecat-manager.jar"
  find_java="$root/libexec/java25.sh"
else
  jar="$root/app-daemon/target/app-daemon.jar"
  find_java="$root/dev/java25.sh"
fi
if [ ! -f "$jar" ] || [ ! -d "${jar%/*}/lib" ]; then
  echo "pipecat-manager is not built yet: run 'make build' in $root" >&2
  exit 1
fi
java_home=$("$find_java" --home)
# Made by bin/pipecat-aot: classes loaded and linked ahead of time, and what was hot when it was made. Good for this very jar and
# for the Java whose release file is beside it, wherever the tree is moved.
cache="${jar%/*}/pipecat-manager.aot"
cache_fits() {
  [ -f "$cache" ] && [ ! "$jar" -nt "$cache" ] && [ -f "$cache.java" ] &&
    [ "$(cat "$java_home/release")" = "$(cat "$cache.java")" ]
}
# Java starts with one collector only: whether JAVA_OPTS names one.
collector_is_named() {
  for option in ${JAVA_OPTS:-}; do
    case $option in
      -XX:+UseSerialGC | -XX:+UseParallelGC | -XX:+UseG1GC | -XX:+UseZGC | -XX:+UseShenandoahGC | -XX:+UseEpsilonGC) return 0 ;;
    esac
  done
  return 1
}
