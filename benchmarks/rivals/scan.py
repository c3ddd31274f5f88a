"""The selective scan, forward and forward with backward, beside what runs on PyTorch.

    run.sh scan [--rounds 3] [--repeats 5] [--slow]

Batch 2, 1,536 channels, 512 tokens, 16 states, float32. Everybody computes what `samba-cli bench
scan` does: softplus of delta and its bias, the scan, the skip by D and the gate by z.
"""

import torch_on_cpu

import rounds

torch_on_cpu.prepare()

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

BATCH, LENGTH, CHANNELS, STATES = 2, 512, 1536, 16
CHUNK = 16

INTEL_NOTE = ("Intel's extension for PyTorch is left out: it needs AVX-512 and a PyTorch of its "
              "own, 2.8.")


def make_inputs(length, channels, has_gradients):
    torch.manual_seed(1)
    inputs = {
        "u": torch.randn(BATCH, length, channels),
        "delta": torch.randn(BATCH, length, channels),
        "A": -torch.arange(1.0, STATES + 1).repeat(channels, 1),
        "B": torch.randn(BATCH, length, STATES),
        "C": torch.randn(BATCH, length, STATES),
        "D": torch.ones(channels),
        "z": torch.randn(BATCH, length, channels),
        "delta_bias": torch.full((channels,), -4.0),
    }
    return [tensor.requires_grad_(has_gradients) for tensor in inputs.values()]


def gated(y, u, D, z):
    return (y + D * u) * F.silu(z)


def decay_and_input(u, delta, A, B):
    """exp(delta A) and delta B u, each [batch, length, channels, states]."""
    delta = delta.unsqueeze(-1)
    return torch.exp(delta * A), delta * u.unsqueeze(-1) * B.unsqueeze(2)


def sequential(u, delta, A, B, C, D, z, delta_bias):
    """The recurrence as it is written down: a step for every token."""
    decay, inflow = decay_and_input(u, F.softplus(delta + delta_bias), A, B)
    state = torch.zeros_like(inflow[:, 0])
    outputs = []
    for t in range(u.size(1)):
        state = decay[:, t] * state + inflow[:, t]
        outputs.append((state * C[:, t].unsqueeze(1)).sum(-1))
    return gated(torch.stack(outputs, 1), u, D, z)


def parallel(u, delta, A, B, C, D, z, delta_bias):
    """mambapy's scan in a logarithmic number of passes over all states."""
    from mambapy.pscan import pscan

    states = pscan(*decay_and_input(u, F.softplus(delta + delta_bias), A, B))
    return gated((states @ C.unsqueeze(-1)).squeeze(-1), u, D, z)


def chunk_of_steps(state, u, delta, A, B, C, D, z, delta_bias):
    """A few steps unrolled, for the compiler to fuse."""
    delta = F.softplus(delta + delta_bias)
    outputs = []
    for t in range(u.size(1)):
        step = delta[:, t].unsqueeze(-1)
        state = torch.exp(step * A) * state + step * u[:, t].unsqueeze(-1) * B[:, t].unsqueeze(1)
        outputs.append((state * C[:, t].unsqueeze(1)).sum(-1))
    return state, gated(torch.stack(outputs, 1), u, D, z)


def make_compiled():
    compiled = torch.compile(chunk_of_steps, dynamic=False)

    def scan(u, delta, A, B, C, D, z, delta_bias):
        state = torch.zeros(u.size(0), u.size(2), A.size(1))
        outputs = []
        for t in range(0, u.size(1), CHUNK):
            part = slice(t, t + CHUNK)
            state, y = compiled(state, u[:, part], delta[:, part], A, B[:, part], C[:, part], D,
                                z[:, part], delta_bias)
            outputs.append(y)
        return torch.cat(outputs, 1)

    return scan


SCANS = {"loop": lambda: sequential, "mambapy": lambda: parallel, "compiled": make_compiled}


def rows(_options):
    forward = "forward"
    backward = "forward and backward"
    titles = {"loop": "loop in PyTorch", "mambapy": "mambapy's parallel scan",
              "compiled": "chunked scan, torch.compile"}
    return [
        rounds.Row(f"{name}.{kind}", what, f"scan.{kind}", title,
                   is_slow=name == "loop" and kind == "backward")
        for kind, what in (("forward", forward), ("backward", backward))
        for name, title in titles.items()
    ]


def check(scan):
    """On a short stretch the scan must compute what the loop does."""
    inputs = make_inputs(2 * CHUNK, CHANNELS, False)
    with torch.no_grad():
        torch.testing.assert_close(scan(*inputs), sequential(*inputs), rtol=1e-3, atol=1e-3)


def measure(row, options):
    """@return milliseconds."""
    torch.set_num_threads(options.threads)
    name, kind = row.split(".")
    scan = SCANS[name]()
    check(scan)
    inputs = make_inputs(LENGTH, CHANNELS, kind == "backward")

    def run():
        if kind == "forward":
            with torch.no_grad():
                scan(*inputs)
        else:
            y = scan(*inputs)
            torch.autograd.grad(y, inputs, torch.ones_like(y))

    return 1000 * rounds.median_of(lambda: rounds.seconds_of(run), options.repeats)


if __name__ == "__main__":
    rounds.main(__doc__, rows, measure, repeats=5, notes=[INTEL_NOTE])
