import json
import os
import time


def _write(call, **what):
    with open(os.environ["FAKE_WANDB_LOG"], "a", encoding="utf-8") as file:
        file.write(json.dumps({"call": call, **what}) + "\n")


class Settings(dict):
    def __init__(self, **settings):
        super().__init__(settings)


class Table:
    def __init__(self, columns, data):
        self.rows = [dict(zip(columns, row)) for row in data]


class Run:
    def define_metric(self, name, step_metric=None):
        _write("define_metric", name=name, step_metric=step_metric)

    def log(self, values):
        _write(
            "log",
            values={
                name: value.rows if isinstance(value, Table) else value
                for name, value in values.items()
            },
        )

    def finish(self, exit_code):
        _write("finish", exit_code=exit_code)


def init(**options):
    awaited = os.environ.get("FAKE_WANDB_HANGS_UNTIL")
    while awaited and not os.path.exists(awaited):
        time.sleep(0.05)
    if "FAKE_WANDB_FAILS" in os.environ:
        raise RuntimeError(os.environ["FAKE_WANDB_FAILS"])
    _write("init", options=options)
    return Run()
