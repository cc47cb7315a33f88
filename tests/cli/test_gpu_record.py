"""`gpu record`, and what plays it."""

import resource
import signal

import pytest

from console.core.gpu_json import from_json
from console.sources.gpu.trace import read_trace
from console.wire.world import DEMO_TRACE
from tests.patience import PATIENCE_S, until


def test_what_is_recorded_is_played(cards, run, tmp_path):
    cards.order("process 0 1 1000 C 42")
    ended = run("gpu", "record", "box.jsonl.gz", "--for", "0.6", "--interval", "0.1")
    assert (ended.code, ended.out) == (0, "")
    trace = read_trace(tmp_path / "box.jsonl.gz")
    assert (trace.origin, trace.synthetic) == ("Fake GPU 0 + Fake GPU 1", False)
    assert ended.err.startswith(f"{len(trace.frames)} samples of 2 cards in box.jsonl.gz (")
    assert len(trace.frames) >= 3 and trace.frames[0].cards[0].energy_j > 0
    process = trace.frames[-1].cards[0].processes[0]
    assert (process.pid, process.command, process.user) == (1, None, None)
    played = from_json(run("--gpu-trace", "box.jsonl.gz", "--gpu-speed", "60", "gpu", "--json").out)
    assert played.simulated and played.cards[1].name == "Fake GPU 1"


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_recording_and_keeps_it(cards, start, tmp_path, by):
    process = start("gpu", "record", "box.jsonl", "--interval", "0.1", "--name", "a test")
    file = tmp_path / "box.jsonl"
    until(lambda: file.exists() and file.stat().st_size)
    process.send_signal(by)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0 and b" in box.jsonl (" in err and b"Traceback" not in err
    trace = read_trace(file)
    assert trace.origin == "a test"
    assert err.startswith(f"{len(trace.frames)} sample".encode()), "all of it is in the file"


@pytest.mark.parametrize("name", ["box.jsonl", "box.jsonl.gz"])
def test_a_full_disk_ends_a_recording_in_one_sentence(cards, start, tmp_path, name):
    process = start("gpu", "record", name, "--interval", "0.1")
    file = tmp_path / name
    until(lambda: file.exists() and file.stat().st_size > 500)
    full = file.stat().st_size + 500
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (full, full))
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert err.decode() == (
        f"llmconsole: {name} cannot be written: File too large. What was recorded until then "
        "plays.\n"
    )
    assert read_trace(file).frames


def test_a_copy_of_a_trace_says_what_that_is_of(cards, run, tmp_path):
    again = ("gpu", "record", "again.gz", "--for", "0.2", "--interval", "0.1")
    run("--gpu-trace", str(DEMO_TRACE), *again)
    original, copy = read_trace(DEMO_TRACE), read_trace(tmp_path / "again.gz")
    assert (copy.origin, copy.synthetic) == (original.origin, original.synthetic)
    (tmp_path / "again.gz").unlink()
    run("gpu", "record", "real.gz", "--for", "0.3", "--interval", "0.1", "--name", "a box")
    run("--gpu-trace", "real.gz", *again)
    copy = read_trace(tmp_path / "again.gz")
    assert (copy.origin, copy.synthetic) == ("a box", False)
    assert copy.frames[0].simulated, "it was played, and no card said it then"


def test_what_cannot_be_recorded_is_one_sentence(cards, run, tmp_path):
    (tmp_path / "there").write_text("precious")
    ended = run("gpu", "record", "there", "--for", "1")
    assert ended.code == 2
    assert ended.err == "llmconsole: there is there already; name another file.\n"
    assert (tmp_path / "there").read_text() == "precious"
    cards.order("driver 9")
    ended = run("gpu", "record", "none", "--for", "1")
    assert ended.code == 1 and ended.err.startswith("llmconsole: The NVIDIA driver is not loaded")
    assert not (tmp_path / "none").exists()


def test_a_speed_out_of_range_is_refused(run):
    ended = run("--gpu-trace", str(DEMO_TRACE), "--gpu-speed", "100", "gpu")
    assert ended.code == 2 and "--gpu-speed" in ended.err
