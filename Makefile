# What a person types. Everything that is needed beyond Rust, Python 3 and make is installed here, pinned.

VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= us-east-1
PYTHON := $(VENV)/bin/python
TOOLS := $(VENV)/.ready
# No index has it as a wheel, so cargo builds it: some minutes, once.
CARGO_MUTANTS := 27.1.0
MUTANTS := $(VENV)/.cargo-mutants-$(CARGO_MUTANTS)
CHECKOV := $(VENV)/checkov/.ready
BENCH := $(VENV)/bench/.ready
NODE_MODULES := tests/policy/node_modules/.ready
# What the evaluator is asked about, and where it stands for all its tests.
STACKS := $(addprefix tests.stack.,roles members hubs)
PRINTED := $(CURDIR)/target/printed
BROWSER := tests/pages/node_modules/.ready
# Milliseconds of a test, or of a file of them. One that hangs fails by its name, and not when CI gives up.
LONGEST := 1200000
PRETTIER := cd tests/policy && node_modules/.bin/prettier
COMPILE := uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --annotation-style line \
    --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) pyproject.toml

.PHONY: help demo demo-org local test check lint clippy compiled advisories fix unit contract docs policy \
    permissions costs scp template template-stack template-release e2e e2e-events e2e-commands e2e-faults \
    e2e-govcloud pages pictures evidence-sample help-page allocations bench bench-core bench-hub \
    bench-organization bench-plan bench-replay bench-sweep fuzz faults mutants build command-line release \
    release-check sizes built-sizes deploy remove lock clean

help: ## Show this list.
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 13

demo: $(TOOLS) $(NODE_MODULES) ## See it work against an emulated AWS, without an account.
	@$(PYTHON) -m tests.e2e.demo

demo-org: $(TOOLS) $(NODE_MODULES) ## See a hub at work in the accounts of an emulated organization.
	@$(PYTHON) -m tests.e2e.demo_org

local: $(TOOLS) $(NODE_MODULES) ## Leave the functions and an emulated account running, for events sent by hand.
	@$(PYTHON) -m tests.e2e.local

# What Rust compiles leaves one core idle for much of the time, so the tools are installed and used beside it, and what
# needs nothing of Rust. The end-to-end tests mostly wait: for a lost answer, or for a throttle. So they and all other
# tests run side by side.
test: ## Every check and every test.
	@$(MAKE) --no-print-directory --jobs=2 lint compiled $(BROWSER) $(CHECKOV) policy
	@echo "Running all tests; each part shows its output when it is done..."
	@$(MAKE) --no-print-directory --jobs=6 --output-sync=target \
	    e2e-commands unit template e2e-events e2e-faults pages

check: lint clippy ## Format, lints, types, spelling and licences, in every language.

lint: $(TOOLS) $(NODE_MODULES)
	cargo fmt --all --check
	cargo fmt --manifest-path tests/fuzz/Cargo.toml --check
	ruff format --quiet --check
	ruff check --quiet
	$(PRETTIER) --log-level warn --check . ../pages
	typos
	mypy
	cargo deny --locked --log-level error check --hide-inclusion-graph licenses bans sources
	$(PYTHON) -m pytest --quiet --no-header tests/mutants

clippy:
	cargo clippy --workspace --all-targets --locked -- --deny warnings
	cargo clippy --manifest-path tests/fuzz/Cargo.toml --target-dir target/fuzz --locked -- --deny warnings

# One after the other, since cargo lets only one build at a time.
compiled:
	@$(MAKE) --no-print-directory clippy
	@$(MAKE) --no-print-directory docs
	cargo test --workspace --locked --quiet --no-run

advisories: $(TOOLS) ## Look for known advisories about the crates (needs the network).
	cargo deny --locked check advisories

fix: $(TOOLS) $(NODE_MODULES) ## Format every language, and apply the lints' safe fixes.
	cargo fmt --all
	ruff check --quiet --fix
	ruff format --quiet
	$(PRETTIER) --log-level warn --write . ../pages

unit: ## Rust tests.
	cargo test --workspace --locked --quiet

# Of the whole workspace, since the order of keys in JSON depends on the features of its crates.
contract: ## Write anew the contract, tables of README and SETTINGS, MESSAGES.md, CLI.md, hashes and texts of policies.
	UPDATE_CONTRACT=1 cargo test --workspace --test it --bin mfa-enforcer --locked --quiet -- contract decision_table \
	    messages_page help_page page_shows
	@python3 -m deploy.documents

# With `--examples` cargo takes the dependencies as the tests need them, which clippy has checked already.
docs: ## Rust documentation, with its links checked.
	RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --lib --bins --examples --no-deps --document-private-items \
	    --locked

policy: $(NODE_MODULES) ## Evaluate the quarantine policies, and what each role of the stack may do.
	@mkdir -p $(PRINTED)
	for module in $(STACKS); do $(PYTHON) -m $$module > $(PRINTED)/$$module.json || exit; done
	cd tests/policy && PRINTED=$(PRINTED) node --test --test-concurrency=2 --test-timeout=$(LONGEST) --test-reporter=dot

# Of the whole workspace, so that cargo takes the dependencies as the other tests need them.
pages: $(BROWSER) ## Look at the help page and at every mail in a real browser.
	cargo build --quiet --locked --workspace --example help_page --example mails --example evidence_sample \
	    --example plan_sample
	cd tests/pages && node --test --test-timeout=$(LONGEST) --test-reporter=dot

pictures: $(BROWSER) ## Take the pictures of mails, pages and a record in docs/pictures anew.
	@cd tests/pages && node pictures.mjs

help-page: ## Print a page for your users: make help-page ORGANIZATION_NAME=... CONTACT=... [RECOMMENDED_DEVICE=] > mfa.html
	@cargo run --quiet --locked --package mfa-enforcer-core --example help_page

evidence-sample: ## Print the page of a record from thirty simulated days: make evidence-sample > sample.html
	@cargo run --quiet --locked --package mfa-enforcer-core --example evidence_sample

# Alone and with the whole workspace, whose crates need more of those that the core needs, too.
allocations: ## Write anew what the core may allocate for an event.
	UPDATE_ALLOCATIONS=1 cargo test --package mfa-enforcer-core --test allocations --locked --quiet
	UPDATE_ALLOCATIONS=1 cargo test --workspace --test allocations --locked --quiet

permissions: $(NODE_MODULES) ## Write docs/PERMISSIONS.md anew.
	cd tests/policy && node permissions.mjs

costs: $(TOOLS) ## Write anew what a hub costs, and what much work needs, in docs/ORGANIZATION.md and PERFORMANCE.md.
	@$(PYTHON) -m tests.stack.costs
	@$(PYTHON) -m tests.stack.scale

scp: ## Print the service control policy for a stack: make scp [STACK= ROLE_PATH= BREAK_GLASS_PATH= OPTIONS=].
	@python3 -m deploy.scp $(if $(STACK),--stack $(STACK)) $(if $(ROLE_PATH),--role-path $(ROLE_PATH)) \
	    $(if $(BREAK_GLASS_PATH),--break-glass-path $(BREAK_GLASS_PATH)) $(OPTIONS)

template: template-stack template-release ## Lint the templates, compare them with the code, make a release of them.

template-stack: $(TOOLS) $(CHECKOV)
	$(PYTHON) -m pytest --quiet tests/stack

template-release: $(TOOLS)
	$(PYTHON) -m pytest --quiet tests/release tests/bench

e2e: e2e-events e2e-commands e2e-faults ## Events through cargo lambda against the emulated AWS.

# Three parts of the same length, since several emulated AWS side by side are done in half the time. Each that lets the
# functions run ends with a look at their whole log.
OF_FAULTS := $(patsubst %,tests/e2e/test_%.py, \
    brakes demo_org doctor_organization faults hub hub_roles redrive_hub sweep_alone)
OF_COMMANDS := $(patsubst %,tests/e2e/test_%.py, \
    bucket doctor doctor_live notify operate organization organization_settings plan redrive terminal user)

e2e-events: $(TOOLS) $(NODE_MODULES)
	$(PYTHON) -m pytest --quiet tests/e2e $(addprefix --ignore=,$(OF_FAULTS) $(OF_COMMANDS))

e2e-commands: $(TOOLS) $(NODE_MODULES)
	$(PYTHON) -m pytest --quiet $(OF_COMMANDS) tests/e2e/test_log.py

e2e-faults: $(TOOLS) $(NODE_MODULES)
	$(PYTHON) -m pytest --quiet $(OF_FAULTS)

e2e-govcloud: $(TOOLS) $(NODE_MODULES) ## The scenarios, in AWS GovCloud (US) (two minutes).
	PARTITION=aws-us-gov $(PYTHON) -m pytest --quiet tests/e2e/test_scenarios.py

# The bare function by itself, so that what the others need is not linked into it.
bench: $(TOOLS) $(NODE_MODULES) $(BENCH) ## Measure a function beside others; sweeps; the core; a replay.
	cargo build --release --locked --bin sign-in --bin sweep
	cargo build --release --locked --package bare
	cargo build --release --locked --package mfa-enforcer --bin mfa-enforcer
	cargo build --release --locked --package mfa-enforcer-archive --example archive_sample
	cargo bench --quiet --package mfa-enforcer-core --bench events --locked --no-run
	$(PYTHON) -m tests.bench.compare

bench-core: ## Measure how the core reads, decides and renders, and what it allocates.
	cargo bench --quiet --package mfa-enforcer-core --bench events --locked

bench-sweep: $(TOOLS) $(NODE_MODULES) ## Measure a sweep of 5,000 users, without a throttle and with one.
	cargo build --release --locked --bin sweep
	$(PYTHON) -m tests.bench.sweep

bench-plan: $(TOOLS) $(NODE_MODULES) ## Measure `plan` and `report` of the demo's account, and of 5,000 users.
	cargo build --release --locked --package mfa-enforcer --bin mfa-enforcer
	$(PYTHON) -m tests.bench.account

bench-hub: $(TOOLS) $(NODE_MODULES) ## Measure a run of a hub in 50 emulated accounts, with faults: make bench-hub [ACCOUNTS=50].
	$(PYTHON) -m tests.bench.hub --accounts $(or $(ACCOUNTS),50)

# Of the whole workspace, as the other examples. What it counts is the same in any build.
bench-organization: ## Simulate runs in 1,000 accounts, one with faults: make bench-organization [ACCOUNTS=1000].
	@cargo build --quiet --locked --workspace --example organization
	@ACCOUNTS=$(or $(ACCOUNTS),1000) $(or $(CARGO_TARGET_DIR),target)/debug/examples/organization

bench-replay: $(TOOLS) ## Measure a replay of a gigabyte of CloudTrail, beside decompression alone and jq.
	cargo build --release --locked --package mfa-enforcer --bin mfa-enforcer
	cargo build --release --locked --package mfa-enforcer-archive --example archive_sample
	$(PYTHON) -m tests.bench.replay

# With the pure parts optimized, since thousands of sweeps take a while otherwise.
FASTER := $(foreach crate,mfa-enforcer-core mfa-enforcer-aws mfa-enforcer-testing serde_json serde jiff,\
    --config profile.dev.package.$(crate).opt-level=1)

faults: ## Every trigger with every fault, every pair of faults, every order and every interruption.
	FAULTS=all cargo $(FASTER) test --package mfa-enforcer-aws --test faults --locked --quiet -- --nocapture

fuzz: $(TOOLS) ## Fuzz whatever reads what others wrote: make fuzz [SECONDS=20 or RUNS=10000000, for each target].
	$(PYTHON) -m tests.fuzz.run $(if $(RUNS),--runs $(RUNS),--seconds $(or $(SECONDS),20))

mutants: $(TOOLS) $(MUTANTS) ## Change the core, and see that tests notice: make mutants [FILES=] [SHARD=1/8] [AGAIN=1].
	$(PYTHON) -m tests.mutants.mutate $(if $(SHARD),--shard $(SHARD)) $(if $(FILES),--files $(FILES)) \
	    $(if $(AGAIN),--again)

# SAM cannot pass `--locked` on. What the lock names is fetched first, which fails if the lock would have to change,
# and then nothing else can be had.
build: $(TOOLS) ## Build the functions for deployment, from Cargo.lock alone (some minutes each).
	cargo fetch --locked --quiet
	CARGO_NET_OFFLINE=true sam build

command-line: $(TOOLS) ## Build the command line for any Linux with glibc 2.17 or newer (some minutes).
	$(PYTHON) -m deploy.release.compiled

release: $(TOOLS) ## Make the folder of a release, to deploy without a toolchain: make release VERSION=0.2.0 [MUSL=1].
	@$(PYTHON) -m deploy.release $(if $(MUSL),--musl) -- "$(VERSION)"

built-sizes: $(TOOLS) ## Write anew how large the functions may be as they are compiled for tests.
	UPDATE_SIZES=1 $(PYTHON) -m pytest --quiet tests/release/test_built_sizes.py

sizes: $(TOOLS) ## Write anew how large the functions of a release may be (some minutes each).
	@$(PYTHON) -m deploy.release.sizes

release-check: $(TOOLS) ## Make a release twice, each time from nothing, and compare them (an hour or two).
	@$(PYTHON) -m deploy.release.twice

# In another partition, say `AWS_DEFAULT_REGION=cn-north-1 make deploy`.
deploy: build ## Build and deploy; the first time it asks (see samconfig.example.toml).
	sam deploy $(if $(wildcard samconfig.toml),,--guided --region $(AWS_DEFAULT_REGION) \
	    --capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND)

remove: $(TOOLS) ## Say what a removal of the stack would do: make remove STACK=mfa-enforcer [YES=1].
	$(PYTHON) -m deploy.remove --stack $(or $(STACK),mfa-enforcer) --region $(AWS_DEFAULT_REGION) $(if $(YES),--yes)

lock: $(TOOLS) ## Pin what pyproject.toml asks for: make lock [UPGRADE=1 for the newest of everything].
	$(COMPILE) --group dev --output-file requirements.txt
	$(COMPILE) --group checkov --output-file requirements-checkov.txt
	$(COMPILE) --group bench --output-file requirements-bench.txt

clean: ## Remove what was built and installed.
	cargo clean
	rm -rf $(VENV) .aws-sam dist tests/policy/node_modules tests/pages/node_modules .mypy_cache .pytest_cache .ruff_cache

$(TOOLS): requirements.txt
	@echo "Installing the tools into $(VENV) (once)..."
	@python3 -m venv $(VENV)
	@sed -n '/^uv==/,/# via/p' requirements.txt | \
	    $(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement /dev/stdin
	@uv pip sync --quiet --python $(PYTHON) requirements.txt
	@touch $@

$(MUTANTS): | $(TOOLS)
	@echo "Building cargo-mutants into $(VENV) (once)..."
	@cargo install --quiet --locked --root $(VENV) cargo-mutants@$(CARGO_MUTANTS)
	@touch $@

$(CHECKOV): requirements-checkov.txt | $(TOOLS)
	@echo "Installing checkov into $(@D) (once)..."
	@uv venv --quiet --clear --python $(PYTHON) $(@D)
	@uv pip sync --quiet --python $(@D) requirements-checkov.txt
	@touch $@

$(BENCH): requirements-bench.txt | $(TOOLS)
	@echo "Installing what functions are compared with into $(@D) (once)..."
	@uv venv --quiet --clear --python $(PYTHON) $(@D)
	@uv pip sync --quiet --python $(@D) requirements-bench.txt
	@touch $@

$(BROWSER): tests/pages/package-lock.json | $(TOOLS)
	@echo "Installing a browser into $(@D) (once)..."
	@cd tests/pages && npm ci --silent --no-audit --no-fund
	@touch $@

$(NODE_MODULES): tests/policy/package-lock.json | $(TOOLS)
	@echo "Installing the policy evaluator and prettier into $(@D) (once)..."
	@cd tests/policy && npm ci --silent --no-audit --no-fund
	@touch $@
