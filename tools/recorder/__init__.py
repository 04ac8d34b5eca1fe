"""The recorder: asks the kernel of this machine what `paperhop vectors` is asked, and writes its answers down.

    sudo .venv/bin/python -m tools.recorder tests/hub/recorded/*.json          # record them anew, in place
    sudo .venv/bin/python -m tools.recorder --check tests/hub/recorded/*.json  # only say which answers are different

It needs Linux, root and `ip` of iproute2. Each case is played in a network namespace of its own, so nothing of the
machine's own network is seen or changed; cases that wait do so for real seconds, many at a time. A case is a file in
the format `paperhop-tcp-oracle/1`: `steps[n].do` is the question, with it `class` and `remark` are kept, everything
else in a step is the kernel's answer and is written anew. A question alone is a case that was not recorded yet.

`namespace` is the network, `kernel` plays the steps of a case, `files` reads and writes cases.
"""
