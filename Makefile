# The one entry of the development loop; CI calls it too. Anything longer than a line lives in dev/.
.DEFAULT_GOAL := help
.PHONY: help tools setup build services services-stop test test-long it check format run demo dialogues load load-conversations bench vectors docs api reproducible release dist clean
MAKEFLAGS += --no-print-directory

MVN := mvn -B
# The formatter runs inside Maven's own Java, which has to be a 25.
MVN25 = JAVA_HOME="$$(dev/java25.sh --home)" MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED" $(MVN)
# Run in python-runner: its own sources by its pyproject.toml, the others by the ruff.toml in their folder.
RUNNER := python-runner
RUFF := .venv/bin/ruff
PYTHON := . ../dev ../app-daemon/src/test/python ../packaging

help: ## say what there is to make
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

tools: ## say what is missing on this machine
	@dev/check-tools.sh

setup: tools ## install what the build needs into this folder: the runner's Python, a Java 21 for the library tests
	@dev/python-setup.sh dev
	@dev/jdk21-setup.sh

build: tools ## compile and package, without tests; then bin/pipecat-manager works
	@dev/console.sh build
	@$(MVN) -q -DskipTests package
	@dev/aot.sh

services: ## start a private MariaDB, Redis and RabbitMQ; build/services/env has their addresses
	@dev/services start build/services

services-stop: ## stop them and forget their data
	@dev/services stop build/services

test: setup ## every test but those of minutes: Java 25, Java 21, end to end, the runner, the daemon on a platform
	@dev/test-all.sh

test-long: setup build ## the tests of minutes: a server of the platform is away while calls are live
	@dev/test-all.sh long

it: setup build ## only the tests that need another process (tags e2e and it)
	@dev/with-services.sh $(MVN) -Pe2e verify -Dtest.quick.skip=true

check: setup ## formatter, linters, types, dependency rules
	@dev/check-sources.sh
	@dev/guards-bite.sh
	@dev/console.sh check
	@$(MVN25) -q spotless:check
	@$(MVN) -q -DskipTests test-compile dependency:analyze-only
	@dev/release.sh
	@cd $(RUNNER) && $(RUFF) format --check $(PYTHON) && $(RUFF) check $(PYTHON) && .venv/bin/mypy
	@dev/packaging-setup.sh
	@cd packaging/tests && ../../build/packaging-venv/bin/mypy
	@dev/docs/check.sh

format: setup ## put every source file into the one format
	@$(MVN25) -q spotless:apply
	@dev/console.sh format
	@cd $(RUNNER) && $(RUFF) check --fix $(PYTHON) && $(RUFF) format $(PYTHON)

run: build ## start the daemon with the embedded default; ARGS="…" are its arguments
	@dev/python-setup.sh offline
	@bin/pipecat-manager run $(ARGS)

demo: tools ## one conversation with real speech through everything; leaves build/demo
	@dev/demo/run.sh

dialogues: setup build ## many short conversations with real speech through everything, and their table; ONLY="tools teams"
	@cd app-daemon/src/test/python && "$(CURDIR)/python-runner/.venv/bin/python" -m dialogues $(ONLY)

load: tools ## measure the daemon under load, beside a bare relay; CALLS="10 100" SECONDS=8 ARGS="--chunk-ms 40"
	@dev/load/load.sh $(if $(CALLS),--calls "$(CALLS)") $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

load-conversations: ## how many conversations a runner carries; ARGS="--speech local", "kill", "serial 500", "full"
	@dev/python-setup.sh dev
	@$(RUNNER)/.venv/bin/python dev/load/conversations.py $(ARGS)

bench: tools ## microbenchmarks beside their baseline (some minutes); ONLY=Resampler QUICK=1 ARGS="-f 5"
	@ONLY="$(ONLY)" QUICK="$(QUICK)" dev/bench.sh $(ARGS)

vectors: tools ## write the golden vectors anew
	@dev/vectors.sh

docs: tools ## write anew what of the documentation comes from the code, and check the rest
	@dev/docs/check.sh -Ddocs.write=true

api: tools ## show how what embedders compile against differs from dev/api; WRITE=1, at a release, makes today's the lists
	@$(MVN) -q -pl app-daemon -am test -Dtest=ApiTest -Dsurefire.failIfNoSpecifiedTests=false -Dapi.show=true $(if $(WRITE),-Dapi.write=true)

release: tools ## pack what goes to a repository beside the libraries, sources and documentation; nothing is sent
	@dev/release.sh

reproducible: tools ## build the last commit twice and compare the jars and the distribution
	@dev/reproducible.sh

dist: build ## pack the distribution into build/dist: programs, libraries, runner, units, container files
	@dev/python-setup.sh core
	@dev/dist.sh

clean: ## remove what the build made; installed environments stay
	@$(MVN) -q clean
	@rm -rf build/demo build/dist build/release build/test build/console build/console-test build/console-browser
