# Common commands. README.md or CONTRIBUTING.md names each one, or it is a part of .ci/run, so that none
# differs from continuous integration. `make` without a target lists them.

.PHONY: help build demo test lint race lab ci

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1	/' | expand -t 8

build: ## ./dirbridge
	go build .

demo: ## the console against an embedded directory and an embedded cloud
	go run . demo

test: ## all tests, against the embedded servers
	go test ./...

lint: ## gofmt, go vet, other platforms, staticcheck, govulncheck
	.ci/run lint

race: ## the race detector over every package; needs gcc
	.ci/run race

lab: ## all tests, with the real servers that are installed (testdata/lab/README.md)
	DIRBRIDGE_LAB=on go test -count=1 ./...

ci: ## what the project's automation runs
	.ci/run
