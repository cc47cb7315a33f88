"""GPU snapshots for Prometheus and for spreadsheets."""

import csv
import subprocess

import pytest

from console.core.gpu import Card, Instance, Process, Snapshot
from console.core.gpu_metrics import METRICS, exposition
from console.core.gpu_table import COLUMNS, rows
from tests.exposition import parse
from tests.require import need_program

FULL = Card(
    index=0, uuid="GPU-1", name='NVIDIA "H200" \\ one', pci="0000:01:00.0", util_pct=64.0,
    memory_util_pct=31.0, encoder_pct=0.0, decoder_pct=0.0, power_w=340.5, power_instant_w=352.0,
    power_limit_w=600.0, power_limit_default_w=700.0, power_limit_max_w=700.0, energy_j=123.456,
    memory_used_b=40 << 30, memory_reserved_b=1 << 30, memory_total_b=140 << 30,
    temperature_c=61.0, margin_c=24.0, slowdown_c=92.0,
    memory_temperature_c=70.0, fan_pct=45.0, clock_sm_mhz=1900.0, clock_sm_max_mhz=1980.0,
    clock_memory_mhz=2619.0, clock_memory_max_mhz=2619.0, pstate=0,
    held_s={"power cap": 12.5, "SW thermal slow-down": 0.0}, held_pct={"power cap": 38.2},
    pcie_gen=5, pcie_gen_max=5, pcie_width=16, pcie_width_max=16, pcie_rx_bps=1.2e9,
    pcie_tx_bps=3e8, nvlink_rx_bps=0.0, nvlink_tx_bps=2e9, ecc_corrected=3, ecc_uncorrected=0,
    row_remap_pending=False, row_remap_failed=False, read_ms={"fast": 1_795_003_469_750},
    xid=79, persistence=True, mig=False, engine_active_pct=99.0, sm_active_pct=50.0,
    tensor_pct=25.0, dram_pct=61.0,
    processes=(Process(pid=4321, user="ollama", command="x --key=sk-secret", memory_b=1 << 30,
                       model="llama3.1:8b"),),
)  # fmt: skip
BARE = Card(index=1, uuid="GPU-2", name="L4")
LOST = Card(index=2, uuid="GPU-3", name="L4", fault="lost")
BOX = Snapshot(at_ms=1_795_003_470_000, cards=(FULL, BARE, LOST), driver="580.95.05")


def test_every_metric_has_one_group_with_help_and_type():
    families = parse(exposition(BOX, "node7"))
    assert {metric.name for metric in METRICS} <= set(families), "a full card tells them all"
    assert all(family.help and family.kind and family.samples for family in families.values())
    assert len({metric.name for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("DCGM_FI_DEV_GPU_UTIL", 64, "gauge"),
        ("DCGM_FI_DEV_POWER_USAGE", 340.5, "gauge"),
        ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", 123456, "counter"),
        ("DCGM_FI_DEV_FB_USED", 40 * 1024, "gauge"),
        ("DCGM_FI_DEV_FB_FREE", 99 * 1024, "gauge"),
        ("DCGM_FI_DEV_FB_RESERVED", 1024, "gauge"),
        ("DCGM_FI_DEV_GPU_TEMP_LIMIT", 24, "gauge"),
        ("DCGM_FI_PROF_GR_ENGINE_ACTIVE", 0.99, "gauge"),
        ("DCGM_FI_DEV_ROW_REMAP_PENDING", 0, "gauge"),
        ("llmconsole_gpu_age_seconds", 0.25, "gauge"),
        ("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", 0.25, "gauge"),
        ("DCGM_FI_DEV_XID_ERRORS", 79, "gauge"),
    ],
)
def test_units_are_dcgms(name, value, kind):
    family = parse(exposition(BOX, "node7"))[name]
    ((labels, shown),) = [each for each in family.samples if each[0]["gpu"] == "0"]
    assert shown == pytest.approx(value) and family.kind == kind
    assert labels["UUID"] == "GPU-1" and labels["modelName"] == 'NVIDIA "H200" \\ one'
    assert (labels["Hostname"], labels["device"]) == ("node7", "nvidia0")
    assert labels["DCGM_FI_DRIVER_VERSION"] == "580.95.05"


def test_unknown_has_no_sample_and_a_lost_card_is_down():
    families = parse(exposition(BOX, "node7"))
    for metric in METRICS:
        gpus = {labels["gpu"] for labels, _ in families[metric.name].samples}
        assert gpus == {"0"}, f"{metric.name}: unknown is never 0"
    up = {labels["gpu"]: value for labels, value in families["llmconsole_gpu_up"].samples}
    assert up == {"0": 1, "1": 1, "2": 0}
    ((labels, value),) = families["llmconsole_gpu_fault_info"].samples
    assert (labels["gpu"], labels["fault"], value) == ("2", "lost", 1)
    held = families["llmconsole_gpu_held_seconds_total"]
    assert [(labels["reason"], value) for labels, value in held.samples] == [
        ("power cap", 12.5), ("SW thermal slow-down", 0.0)]  # fmt: skip


def test_no_command_line_reaches_prometheus():
    text = exposition(BOX, "node7")
    assert "sk-secret" not in text and 'model="llama3.1:8b"' in text


def test_a_series_goes_on_under_the_same_labels_when_its_card_fails():
    lost, hanging, well = (
        parse(exposition(BOX._replace(cards=(LOST._replace(fault=fault),)), "node7"))[
            "llmconsole_gpu_up"
        ].samples[0]
        for fault in ("lost", "hangs", None)
    )
    assert lost[0] == hanging[0] == well[0]
    assert (lost[1], hanging[1], well[1]) == (0, 0, 1)


def test_the_bus_is_written_as_dcgm_does():
    for pci, shown in (("0000:c1:00.0", "00000000:C1:00.0"), ("000f:01:00.0", "0000000F:01:00.0")):
        text = exposition(BOX._replace(cards=(BARE._replace(pci=pci),)), "node7")
        ((labels, _),) = parse(text)["llmconsole_gpu_up"].samples
        assert labels["pci_bus_id"] == shown


def test_prometheus_own_client_reads_the_same():
    """It is no dependency: the parser above is held against it where it is installed."""
    parser = pytest.importorskip("prometheus_client.parser")
    text = exposition(BOX, "node7")
    theirs = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }
    ours = {
        (name, tuple(sorted(labels.items()))): value
        for name, family in parse(text).items()
        for labels, value in family.samples
    }
    # It gives a counter the ending that its own format wants.
    assert {(name.removesuffix("_total"), labels): value
            for (name, labels), value in theirs.items()} == {
        (name.removesuffix("_total"), labels): value
        for (name, labels), value in ours.items()}  # fmt: skip


def test_no_card_is_told_too():
    trouble = Snapshot(at_ms=0, trouble='The driver said "no".\\')
    families = parse(exposition(trouble, "node7"))
    assert families["llmconsole_gpu_up"].samples == [({"Hostname": "node7"}, 0)]
    ((labels, _),) = families["llmconsole_gpu_fault_info"].samples
    assert labels["fault"] == 'The driver said "no".\\'


def test_promtool_takes_it():
    promtool = need_program("promtool", "prometheus")
    text = exposition(BOX, "node7")
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    # It also has opinions on names, which here are DCGM's.
    assert done.returncode in (0, 3) and "parsing" not in done.stderr, done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "a 1", "# HELP a x\n# HELP a y\na 1\n", "a{b=\"1\" 1\n", "a b c\n",
        "# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n",
        "# TYPE a gauge\na 1\na 1\n", "# TYPE a gauge\na 1\n# HELP a x\n", "# hello\n",
        "# TYPE a gauge\na{b=\"\\q\"} 1\n", "# TYPE a gauge\n# TYPE b gauge\nb 1\na 1\n",
        "# TYPE a gauge\na one\n",
    ],
)  # fmt: skip
def test_the_parser_refuses_what_prometheus_refuses(text):
    with pytest.raises(ValueError):
        parse(text)


def test_rows_have_numbers_and_empty_cells():
    full, bare, lost = (dict(zip(COLUMNS, row, strict=True)) for row in rows(BOX))
    assert full["time"] == "2026-11-18T12:04:30.000+00:00" and full["power_w"] == 340.5
    assert full["held"] == "power cap=38.2" and full["processes"] == 1 and full["persistence"] == 1
    assert bare["util_pct"] is None and bare["processes"] is None and lost["fault"] == "lost"


def test_a_row_tells_that_there_is_no_card():
    ((*row,),) = rows(BOX._replace(cards=(), trouble="No driver."))
    assert len(row) == len(COLUMNS) and row[-1] == "No driver."
    assert next(csv.reader([",".join(map(str, row))]))


def sliced(**values):
    """A card in MIG mode: a half, and a quarter that two compute instances share."""
    parts = [(1, 0, "3g.40gb", 40), (5, 0, "1c.2g.20gb", 20), (5, 1, "1c.2g.20gb", 20)]
    return BARE._replace(
        mig=True,
        memory_used_b=60 << 30,
        memory_total_b=80 << 30,
        instances=tuple(
            Instance(uuid=f"MIG-{gpu}-{compute}", gpu_instance=gpu, compute_instance=compute,
                     profile=profile, memory_used_b=gib << 29, memory_total_b=gib << 30)
            for gpu, compute, profile, gib in parts
        ),
        processes=(Process(pid=7, memory_b=5, gpu_instance=5, compute_instance=1),),
        **values,
    )  # fmt: skip


def test_instances_have_the_labels_that_nvidias_exporter_gives_them():
    families = parse(exposition(Snapshot(at_ms=1, cards=(sliced(),)), "node7"))
    used = [(labels.get("GPU_I_ID"), labels.get("GPU_I_PROFILE"), value)
            for labels, value in families["DCGM_FI_DEV_FB_USED"].samples]  # fmt: skip
    # Compute instances share the memory of their GPU instance, which is told once.
    assert used == [(None, None, 60 * 1024), ("1", "3g.40gb", 20 * 1024),
                    ("5", "2g.20gb", 10 * 1024)]  # fmt: skip
    assert families["DCGM_FI_DEV_MIG_MODE"].samples[0][1] == 1
    assert "DCGM_FI_DEV_GPU_UTIL" not in families
    ((labels, _),) = families["llmconsole_gpu_process_memory_bytes"].samples
    assert (labels["GPU_I_ID"], labels["COMPUTE_I_ID"]) == ("5", "1")
    assert labels["GPU_I_PROFILE"] == "2g.20gb" and labels["UUID"] == "GPU-2"


def test_instances_have_rows_of_their_own_below_their_card():
    table = [dict(zip(COLUMNS, row, strict=True))
             for row in rows(Snapshot(at_ms=1, cards=(sliced(), FULL)))]  # fmt: skip
    assert [(row["index"], row["gpu_instance"], row["compute_instance"]) for row in table] == [
        (1, None, None), (1, 1, 0), (1, 5, 0), (1, 5, 1), (0, None, None)]  # fmt: skip
    assert [row["processes"] for row in table] == [1, 0, 0, 1, 1]
    assert table[3]["uuid"] == "MIG-5-1" and table[3]["profile"] == "1c.2g.20gb"
    assert table[3]["memory_used_b"] == 20 << 29 and table[3]["util_pct"] is None
