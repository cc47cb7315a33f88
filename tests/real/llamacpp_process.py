"""llama.cpp's own HTTP server until standard input ends; prints its address when it listens."""

import json
import sys
from typing import Any

import xllamacpp


def serve(order: dict[str, Any]) -> None:
    """Serve `model` as `name`; `context` is what each of the `slots` has; `key` may be None."""
    params = xllamacpp.CommonParams()
    params.model.path = order["model"]
    params.model_alias = {order["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = order["slots"]
    params.n_ctx = order["context"] * order["slots"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.sampling.temp = 0.0
    params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = True
    params.ui = params.warmup = False
    if order["key"]:
        params.api_keys = [order["key"]]
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
