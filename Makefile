# What a newcomer runs. A line ends in "## text" to appear in the menu, which bare `make` prints, below its "##@ heading".
# For GNU make 3.81 (macOS) and newer.

ID = b1
FRAMES = opencv:0
BROKER =
PACKET = 10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
LESSON = handshake
OUT = build/bundle
ARGS =

paperhop = .venv/bin/paperhop
python = .venv/bin/python
broker = $(if $(BROKER),--broker '$(BROKER)')

.PHONY: menu demo play check-lesson install install-demo install-bench install-test install-fuzz install-audit test soak check bench fuzz fuzz-api audit hub badge card deck poster bundle hardware release-check clean

menu:
	@echo "Paperhop: people are the network"
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

##@ to teach

demo: install-demo ## play a lesson on this machine: broker, hub, page on http://localhost:8000/screen and three badges
	@$(paperhop) demo $(ARGS)

play: install-demo ## play the scripts of a lesson without badges (LESSON=mine.yaml ARGS="--bots")
	@$(paperhop) play '$(LESSON)' $(ARGS)

check-lesson: install-demo ## look over a lesson that you wrote (LESSON=mine.yaml)
	@$(paperhop) check '$(LESSON)' $(ARGS)

install: install-demo ## prepare .venv, as every other target does by itself
	@echo "Ready: $(paperhop)"

hub: install-demo ## run the hub (BROKER=mqtt://127.0.0.1:1883 ARGS="--http 0.0.0.0:8000 --lesson handshake")
	@$(paperhop) hub $(broker) $(ARGS)

badge: install-demo ## run a badge (ID=b1 FRAMES=opencv:0|picamera|virtual|dir:FOLDER BROKER=mqtt://127.0.0.1:1883)
	@$(paperhop) badge --id '$(ID)' --frames '$(FRAMES)' $(broker) $(ARGS)

card: install-demo ## draw a card as build/card.png (PACKET="10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100")
	@mkdir -p build
	@$(paperhop) cards render --packet '$(PACKET)' --png build/card.png

deck: install-demo ## print all paper of a lesson as build/deck.pdf (LESSON=handshake ARGS="--teams 3 --paper letter")
	@mkdir -p build
	@$(paperhop) cards print --lesson '$(LESSON)' --out build/deck.pdf $(ARGS)

poster: install-demo ## draw the states of TCP as build/states.pdf (ARGS="--paper a3")
	@mkdir -p build
	@$(paperhop) poster --out build/states.pdf $(ARGS)

bundle: install-demo ## gather on a stick all that a hub is installed from without internet (OUT=build/bundle)
	@tools/bundle.sh '$(OUT)'

##@ to work on it

test: install-test ## run all tests; installs mosquitto, Chromium and tshark where it may (ARGS="-k reader")
	@tools/system-packages.sh mosquitto chromium tshark dnsmasq cc || true
	$(python) -m pytest $(ARGS)

soak: install-test ## kill hub, broker and badges hundreds of times in play (ARGS="--kills 500 --seed 1")
	@tools/system-packages.sh mosquitto || true
	@$(python) -m tests.faults.soak $(ARGS)

check: install-test ## check style and types, without running anything
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	@if command -v shellcheck >/dev/null 2>&1; then shellcheck -x tools/*.sh hub/deploy/*.sh hub/deploy/files/*.sh firmware/deploy/*.sh .ci/run; else echo "no shellcheck here: shell scripts not checked"; fi

bench: install-bench ## measure beside peers (ARGS="engine", "referee", "lights", "load", "day", "viewers", "printing", "reading", "pens" or "stages")
	@$(python) -m paperhop.bench $(ARGS)

fuzz: install-test ## feed every part what nobody would write (ARGS="qr lesson --runs 100000 --seed 1")
	@$(python) -m tests.fuzz $(ARGS)

fuzz-api: install-fuzz ## ask the pages what docs/openapi.json allows, and nearly allows (ARGS="--runs 1000")
	@$(python) -m tests.fuzz.api $(ARGS)

audit: install-audit ## look up whether what is installed in .venv has known holes; asks the Internet
	@mkdir -p build
	@$(python) -m pip list --format=freeze --exclude-editable >build/installed.txt
	$(python) -m pip_audit --strict --no-deps --disable-pip -r build/installed.txt $(ARGS)

hardware: install-hardware ## make and check board, case, lists and pictures under hardware/ (ARGS="board --check")
	@$(python) -m hardware $(ARGS)

release-check: install-test ## install a hub and a badge in an emulated Raspberry Pi OS's Debian, and play a card (root, half an hour)
	@tools/release-check.sh build/release-check trixie

clean: ## remove .venv, build/ and caches; journals stay
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find cards firmware hardware hub paperhop tests -name __pycache__ -prune -exec rm -rf {} +

install-demo:
	@tools/venv.sh demo

install-bench:
	@tools/venv.sh bench

install-hardware:
	@tools/venv.sh hardware

install-fuzz:
	@tools/venv.sh fuzz

install-audit:
	@tools/venv.sh audit

install-test:
	@tools/venv.sh test
