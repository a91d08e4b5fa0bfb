.PHONY: demo demo-full test check

demo: ## Install, build a demo firm and serve it until Ctrl-C.
	@.ci/install
	@.venv/bin/chancery demo

demo-full: ## The demo on PostgreSQL, Redis, OpenLDAP and Elasticsearch of this machine, until Ctrl-C.
	@.ci/install test
	@.venv/bin/python -m tests.services.demo

test: ## Install what the tests need and run them; real servers are started where they can be.
	@.ci/install test
	@.ci/test

check: ## Format, lint, types, import contracts, spelling.
	@.ci/install test
	@.ci/check
