# The runner. Built in an unpacked distribution, with what its providers need (bin/pipecat-runner-setup --help):
#
#   docker build -f container/runner.Dockerfile --build-arg SETS="hosted" -t pipecat-runner .
#
# It may run with a read-only root: it writes to /tmp only, for which a tmpfs is enough. Beyond loopback it needs RUNNER_TOKEN.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG SETS=hosted
COPY bin/pipecat-runner-setup /opt/pipecat-manager/bin/
COPY python-runner/*.whl /opt/pipecat-manager/python-runner/
COPY python-runner/requirements /opt/pipecat-manager/python-runner/requirements
# hadolint ignore=SC2086
RUN PIP_NO_CACHE_DIR=1 PYTHON=/usr/local/bin/python3 /opt/pipecat-manager/bin/pipecat-runner-setup ${SETS}

FROM ${PYTHON_IMAGE}
COPY LICENSE NOTICE /opt/pipecat-manager/
COPY libexec/healthcheck /opt/pipecat-manager/libexec/
COPY --from=build /opt/pipecat-manager/python-runner/.venv /opt/pipecat-manager/python-runner/.venv
ENV HOME=/tmp \
  NUMBA_CACHE_DIR=/tmp/numba \
  PYTHONDONTWRITEBYTECODE=1
WORKDIR /tmp
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["/opt/pipecat-manager/libexec/healthcheck", "127.0.0.1:8000", "/health"]
ENTRYPOINT ["/opt/pipecat-manager/python-runner/.venv/bin/python", "-m", "pipecat_runner"]
CMD ["--host", "0.0.0.0", "--port", "8000"]
