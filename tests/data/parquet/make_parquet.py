"""Makes the Parquet files of this folder. Takes pyarrow: python make_parquet.py"""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent


def write(name, table, **options):
    path = HERE / name
    path.parent.mkdir(exist_ok=True)
    pq.write_table(table, path, **options)


DOCUMENTS = ["one", None, "", "\u00e9 two\nlines", "three", "three", "four"]
write("documents.parquet", pa.table({"id": list(range(7)), "text": DOCUMENTS}), row_group_size=3)
for codec in ["none", "zstd", "gzip", "brotli", "lz4"]:
    write(f"codec-{codec}.parquet", pa.table({"text": DOCUMENTS}), compression=codec)
write(
    "required-plain.parquet",
    pa.table(
        [["one", "", "two"]], schema=pa.schema([pa.field("text", pa.large_string(), nullable=False)])
    ),
    use_dictionary=False,
    data_page_version="2.0",
)
write("only-strings.parquet", pa.table({"id": [1, 2], "story": ["one", "two"]}))
write("binary.parquet", pa.table({"text": [b"one", b"two"], "title": ["a", "b"]}))
write("two-columns.parquet", pa.table({"title": ["a"], "body": ["one"]}))
write("numbers.parquet", pa.table({"id": [1, 2]}))
write("text-is-a-number.parquet", pa.table({"text": [1, 2]}))
write("text-is-a-list.parquet", pa.table({"text": [["one", "two"]]}))
write("no-rows.parquet", pa.table({"text": pa.array([], pa.string())}))

# As WikiText is published: a line a row, blank lines empty.
for split in ["train", "validation", "test"]:
    lines = ["", f" = The {split} part = \n", "", " It has a line . \n", " And another . \n", "", ""]
    write(f"wikitext-2-raw-v1/{split}-00000-of-00001.parquet", pa.table({"text": lines}))
