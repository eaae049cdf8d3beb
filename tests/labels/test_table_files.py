"""Class tables as CSV and as styles of QGIS."""

import sqlite3

import pytest

from spectralmamba import ClassTable
from spectralmamba.errors import LabelError, OutputError
from spectralmamba.labels.palette import PALETTE

TABLE = ClassTable(((2, "low vegetation", "#98e600"), (7, "roof, flat", "#e60000"), (300, "Gewässer", "#0000ff")))

CATEGORIES = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis><renderer-v2 attr="{attr}" type="categorizedSymbol"><categories>
<category label="Dach" symbol="0" type="string" render="true" value="{roof}"/>
<category label="" symbol="1" render="true" value="{tree}"/>
<category label="" symbol="2" render="true" value=""/>
</categories><symbols>
<symbol name="0"><layer class="SimpleMarker"><Option type="Map">
<Option name="angle" value="0"/><Option name="color" type="QString" value="230,0,0,255,rgb:0.9,0,0,1"/></Option>
</layer></symbol>
<symbol name="1"><layer class="SimpleFill"><prop k="color" v="38,115,0,255"/></layer></symbol>
</symbols></renderer-v2></qgis>"""


@pytest.mark.parametrize("name", ["classes.csv", "classes.qml", "CLASSES.QML"])
def test_written_and_read_again(tmp_path, name):
    TABLE.write(tmp_path / name)
    assert ClassTable.read(tmp_path / name) == TABLE
    assert ClassTable.read(str(tmp_path / name)) == TABLE


def test_csv_is_what_a_spreadsheet_shows(tmp_path):
    TABLE.write(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines() == [
        "number,name,colour",
        "2,low vegetation,#98e600",
        '7,"roof, flat",#e60000',
        "300,Gewässer,#0000ff",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "number,name,colour\n1,roof,#ff0000\n2,tree,\n",
        "\ufeffValue;Class;Color\r\n1;roof;#FF0000\r\n\r\n2;tree\r\n",
        "name\tcolour\nroof\t#ff0000\ntree\t\n",
        "class,name,area,color\n1.0,roof,12.5,#ff0000\n2.0,tree,3,\n",
        "label,id,colour\nroof,1,#ff0000\ntree,2,\n",
    ],
)
def test_csv_as_others_write_it(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    assert ClassTable.read(path).classes == ((1, "roof", "#ff0000"), (2, "tree", PALETTE[1]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has to name the columns"),
        ("1,roof\n", "has to name the columns number, name, colour"),
        ("number,name\n", "has no class"),
        ("number,name\nx,roof\n", "class number 'x'"),
        ("nummer,name\n7,roof\n", "does not say which of nummer, name are the class numbers; call the column number"),
        ("number,name\n1.5,roof\n", "class number '1.5'"),
        ("number,name\n0,roof\n", "0 is not a class number"),
        ("number,name\n1,roof\n1,tree\n", "number 1 occurs more than once"),
        ("number,name\n1,roof\n2,roof\n", "name 'roof' occurs more than once"),
        ("number,name\n1,roof,flat\n", "more values than columns"),
        ("number,name,colour\n1,roof,red\n", "colour 'red'"),
    ],
)
def test_bad_csv(tmp_path, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(LabelError, match=message) as caught:
        ClassTable.read(path)
    assert "bad.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_binary(tmp_path):
    for name in ("gone.csv", "gone.qml"):
        with pytest.raises(LabelError, match=name):
            ClassTable.read(tmp_path / name)
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00number")
    with pytest.raises(LabelError, match="in UTF-8"):
        ClassTable.read(tmp_path / "a.csv")
    with pytest.raises(OutputError):
        TABLE.write(tmp_path / "no folder" / "a.csv")


def test_categories_of_a_text_attribute_are_names_in_their_order(tmp_path):
    path = tmp_path / "points.qml"
    path.write_text(CATEGORIES.format(attr="level_2", roof="roof", tree="tree"))
    assert ClassTable.read(path).classes == ((1, "roof", "#e60000"), (2, "tree", "#267300"))


def test_categories_of_a_number_attribute_are_numbers(tmp_path):
    path = tmp_path / "points.qml"
    path.write_text(CATEGORIES.format(attr="code", roof="7", tree="9.0"))
    assert ClassTable.read(path).classes == ((7, "Dach", "#e60000"), (9, "class 9", "#267300"))


def test_the_palette_of_a_raster(tmp_path):
    path = tmp_path / "map.qml"
    path.write_text(
        '<qgis><pipe><rasterrenderer type="paletted"><colorPalette>'
        '<paletteEntry value="0" label="no data" color="#000000" alpha="0"/>'
        '<paletteEntry value="12" label="water" color="#0000FF" alpha="255"/>'
        "</colorPalette></rasterrenderer></pipe></qgis>"
    )
    assert ClassTable.read(path).classes == ((12, "water", "#0000ff"),)


def test_the_palette_that_qgis_proposes_for_numbers_has_no_names(tmp_path):
    entry = '<paletteEntry value="{0}" label="{0}" color="#00000{1}" alpha="255"/>'
    path = tmp_path / "map.qml"
    path.write_text(
        f"<qgis>{entry.format(-1, 1)}{entry.format('0.0', 2)}{entry.format(4, 3)}{entry.format(7, 4)}</qgis>"
    )
    assert ClassTable.read(path).classes == ((4, "class 4", "#000003"), (7, "class 7", "#000004"))


def test_categories_of_several_values_and_of_none(tmp_path):
    path = tmp_path / "points.qml"
    several = '<category symbol="0" type="List" label="built"><val value="house"/><val value="shed"/></category>'
    text = CATEGORIES.format(attr="a", roof="roof", tree="tree").replace("<categories>", f"<categories>{several}")
    text = text.replace('value="tree"', 'value="NULL" type="NULL"').replace("230,0,0,255,rgb:0.9,0,0,1", "#E60000")
    path.write_text(text)
    assert ClassTable.read(path).classes == tuple((i, n, "#e60000") for i, n in enumerate(("house", "shed", "roof"), 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CATEGORIES.format(attr="a", roof="1.5", tree="2"), "value 1.5 is not a class number"),
        ('<qgis><renderer-v2 type="singleSymbol"/></qgis>', "holds no classes; save the style of"),
        (CATEGORIES.format(attr="a", roof="", tree=""), "holds no classes"),
        (CATEGORIES.format(attr="a", roof="x", tree="x"), "more than once"),
        ("<qgis><pipe>", "cannot read the style"),
    ],
)
def test_bad_styles(tmp_path, text, message):
    path = tmp_path / "bad.qml"
    path.write_text(text)
    with pytest.raises(LabelError, match=message) as caught:
        ClassTable.read(path)
    assert "bad.qml" in str(caught.value)


@pytest.mark.real_data
def test_the_style_kept_in_the_geopackage_of_potsdam(tmp_path, data_folder):
    with sqlite3.connect(f"file:{data_folder}/enmap_potsdam/landcover_potsdam_point.gpkg?immutable=1", uri=True) as db:
        (style,) = db.execute("SELECT styleQML FROM layer_styles").fetchone()
    db.close()
    (tmp_path / "a.qml").write_text(style, encoding="utf-8")
    table = ClassTable.read(tmp_path / "a.qml")
    assert table.names == ("impervious", "low vegetation", "tree", "soil", "water")
    assert table.colours[0] == "#e60000"
