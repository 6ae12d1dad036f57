# The daemon. Built in an unpacked distribution:
#
#   docker build -f container/daemon.Dockerfile -t pipecat-manager .
#
# It brings no Python: RUNNER_URL says where its runner is (runner.Dockerfile). It may run with a read-only root: it writes to
# DATA_DIR, a volume, and to /tmp, for which a tmpfs is enough.
ARG JAVA_IMAGE=eclipse-temurin:25-jdk-noble
ARG BASE_IMAGE=debian:13-slim

FROM ${JAVA_IMAGE} AS build
# What the daemon uses of Java, and jcmd and flight recordings for whoever has to look into it.
RUN jlink --compress zip-6 --no-header-files --no-man-pages --output /opt/java/runtime \
  --add-modules java.naming,java.net.http,java.security.sasl,java.sql,jdk.httpserver,jdk.jcmd,jdk.jfr,jdk.management,jdk.unsupported
COPY LICENSE NOTICE pipecat-manager.jar /opt/pipecat-manager/
COPY bin /opt/pipecat-manager/bin
COPY lib /opt/pipecat-manager/lib
COPY libexec /opt/pipecat-manager/libexec
# The distribution's own cache is of another Java.
RUN JAVA_HOME=/opt/java/runtime /opt/pipecat-manager/bin/pipecat-aot

FROM ${BASE_IMAGE}
COPY --from=build /opt/java/runtime /opt/java/runtime
COPY --from=build /opt/pipecat-manager /opt/pipecat-manager
ENV JAVA_HOME=/opt/java/runtime \
  HOME=/tmp \
  AGENTS_FILE=/etc/pipecat-manager/agents.yaml \
  DATA_DIR=/var/lib/pipecat-manager
# Whoever mounts a volume there gets the owner with it. The second command fails when the cache is of no use here.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/pipecat-manager \
  && JAVA_OPTS=-XX:AOTMode=on /opt/pipecat-manager/bin/pipecat-manager --version
VOLUME /var/lib/pipecat-manager
WORKDIR /var/lib/pipecat-manager
USER 10001:10001
# AudioSocket; runners and control API; metrics and health.
EXPOSE 9092 8080 2112
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["/opt/pipecat-manager/libexec/healthcheck"]
ENTRYPOINT ["/opt/pipecat-manager/bin/pipecat-manager"]
CMD ["run"]
