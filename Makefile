# 苏衡：两条命令即可：make refresh（安装并运行主任务）、make test（安装并通过测试）
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
export PYTHONDONTWRITEBYTECODE :=
export SUHENG_DATA ?= $(CURDIR)/data
SCALE ?= 0.01
STACK := -n 0 -m docker tests/stack
TESTS ?= tests
REPORT ?=
BEGUN := $(shell date +%s)

.PHONY: setup refresh test test-stack timings pytest soak lint lint-python lint-sql bench docs readme screenshot clean lock

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo '需要 Python 3.11 或更高版本：make PYTHON=python3.11 …  (Python >= 3.11 is required)'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo '缺少 venv 模块；Debian/Ubuntu 请先运行：apt install python3-venv  (the venv module is missing)'; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# 收件箱为空时先生成沙盘省（模拟数据），再运行每夜任务
refresh: $(READY)
	@[ -e "$(SUHENG_DATA)/inbox" ] || $(BIN)/suheng simulate --scale $(SCALE) --from 2019 --to 2025 --seed 14 --out "$(SUHENG_DATA)/inbox"
	@$(BIN)/suheng refresh

# 检查 SQL 一分钟、单核，与测试同时进行
test: lint-python
	@$(MAKE) --no-print-directory -j2 lint-sql pytest
	@if [ "$$SUHENG_TEST_STACK" = 0 ]; then why='SUHENG_TEST_STACK=0'; \
	  elif ! docker info >/dev/null 2>&1; then why='没有容器引擎应答 (no container engine answers)'; \
	  elif [ "$$SUHENG_TEST_STACK" != 1 ] && ! docker image inspect suheng:test >/dev/null 2>&1; then \
	    why='映像尚未构建，可运行 make test-stack (its images are not built)'; \
	  else $(BIN)/python -m pytest $(STACK); exit; fi; echo "没有测试部署栈：$$why"
	@echo "make test 用时 $$(( $$(date +%s) - $(BEGUN) )) 秒"

pytest: $(READY)
	$(BIN)/python -m pytest --durations=10 $(if $(REPORT),--junitxml="$(REPORT)") $(TESTS)

# make test，测得的时间写入 docs/tests.md；TESTS 可以只取一部分
timings: $(READY)
	@report=$$(mktemp) && begun=$$(date +%s) && $(MAKE) --no-print-directory test REPORT="$$report" && \
	  $(BIN)/python docs/figures.py timings $$(( $$(date +%s) - begun )) < "$$report"; status=$$?; rm -f "$$report"; exit $$status

# 在容器引擎上构建、启动、强行终止、恢复；测得的数字写入 docs/operations.md
test-stack: $(READY)
	@report=$$(mktemp) && $(BIN)/python -m pytest $(STACK) --junitxml="$$report" && \
	  $(BIN)/python docs/figures.py stack < "$$report"; status=$$?; rm -f "$$report"; exit $$status

# 久一些：每个阶段在8个随机时刻、发布与接收在每一步之前被强行终止，从空的数据湖重建，整夜的故障，上万个变异的文件
soak: $(READY)
	SUHENG_TEST_SOAK=1 $(BIN)/python -m pytest -m 'not docker' --durations=10 $(TESTS)

lint: lint-python lint-sql

lint-python: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/suheng generate --check

# dbt 模板要连接一个数据库：用临时目录，不碰正在运行的任务
lint-sql: $(READY)
	@folder=$$(mktemp -d) && mkdir "$$folder/build" && \
	  SUHENG_DATA="$$folder" $(BIN)/sqlfluff lint dbt_project/models dbt_project/tests; status=$$?; rm -rf "$$folder"; exit $$status

bench: $(READY)
	$(BIN)/suheng bench

# README 的地图和 docs/architecture.svg 由目录树和代码产生
docs: $(READY)
	$(BIN)/python docs/figures.py map
	$(BIN)/python docs/figures.py picture

# README 里的输出由真实的运行产生
readme: $(READY)
	@folder=$$(mktemp -d) && $(MAKE) --no-print-directory refresh SUHENG_DATA="$$folder/data" > "$$folder/output.txt"; status=$$?; \
	  $(BIN)/python docs/figures.py refresh < "$$folder/output.txt" || status=1; rm -rf "$$folder"; exit $$status

# 需要 chromium 和中文字体（Debian：apt install chromium fonts-noto-cjk）
screenshot:
	chromium --headless --no-sandbox --hide-scrollbars --window-size=1200,1500 \
	  --screenshot=docs/quality.png "file://$(SUHENG_DATA)/published/current/quality.html"

clean:
	rm -rf .venv data .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dbt_project/target dbt_project/logs *.egg-info build

# 需要 uv；只有升级依赖时才用
lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --group dev pyproject.toml -o requirements.lock
