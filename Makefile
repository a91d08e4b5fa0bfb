.PHONY: demo test check

demo: ## Install, build a demo firm and serve it until Ctrl-C.
	@.ci/install
	@.venv/bin/chancery demo

test: ## Install what the tests need and run them; real servers are started where they can be.
	@.ci/install test
	@.ci/test

check: ## Format, lint, types, import contracts, spelling.
	@.ci/install test
	@.ci/check
