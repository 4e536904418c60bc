"""llama.cpp's server, out of the Python package `xllamacpp`, for the tests that need a real one.

    llama_server.py MODEL PORT

Serves the GGUF file MODEL on 127.0.0.1. PORT 0 chooses a free one. Prints `listening http://127.0.0.1:PORT/v1` once
the model is loaded, and ends when standard input is closed, so that it never outlives whoever started it. What
llama.cpp itself has to say goes to standard error.
"""

import http.client
import os
import socket
import sys
import time

try:
    import xllamacpp
except ImportError:
    sys.exit("the Python package `xllamacpp` is missing; `pip install xllamacpp` gets it")

LOADED_WITHIN = 180  # seconds


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_healthy(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def parameters(model, port):
    chosen = xllamacpp.CommonParams()
    chosen.model.path = model
    chosen.model_alias = {os.path.basename(model).removesuffix(".gguf")}
    chosen.n_ctx = 8192
    chosen.n_parallel = 2
    chosen.port = port
    chosen.use_jinja = True  # tool calls are read by the model's own template
    chosen.endpoint_slots = True  # a test asks whether decoding has stopped
    chosen.warmup = False
    return chosen


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit("usage: llama_server.py MODEL PORT")
    model, port = sys.argv[1], int(sys.argv[2]) or free_port()
    if not os.path.isfile(model):
        sys.exit(f"there is no model at {model}")

    # llama.cpp writes its log to both streams; standard output is for one line only.
    announce = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    server = xllamacpp.Server(parameters(model, port))
    deadline = time.monotonic() + LOADED_WITHIN
    while not is_healthy(port):
        if time.monotonic() > deadline:
            sys.exit(f"llama.cpp did not load {model} within {LOADED_WITHIN} seconds")
        time.sleep(0.2)
    print(f"listening http://127.0.0.1:{port}/v1", file=announce, flush=True)

    while sys.stdin.buffer.read(4096):
        pass
    # The server's threads would keep the process alive; there is nothing to save.
    os._exit(0 if server else 1)


if __name__ == "__main__":
    main()
