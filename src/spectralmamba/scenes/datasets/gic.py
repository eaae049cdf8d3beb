"""The classic scenes as MATLAB files, from the Computational Intelligence Group, University of the Basque Country.

Sizes, class names and their order are those of the group's page. Counts of pixels per class are those of the ground
truth files: of Botswana, Indian Pines, Pavia University and Salinas-A counted in copies of the files themselves; of the
others as they are commonly given (KSC 5211, Salinas 54 129 and Pavia Centre 148 152 labelled pixels, which the sums
below meet; for Pavia Centre no page with the single counts could be read here). A test compares what can be compared.

The addresses are those that public download scripts have used for years. They follow the rule of the page's software
(MediaWiki): a file lies in a folder named by the first digits of the MD5 of its name, which all of them meet.

The SHA-256 checksums were published with the registry of another project, ``reproduce/datasets.py`` of
https://github.com/longlinh/Sw-SSFCM_Algs at commit a3cc0a0, for files from the same page. Three of them could be
compared with independent copies of the ground truths (https://github.com/mhaut/HSI-datasets) and are theirs: Indian
Pines, Pavia University, Botswana. For Salinas-A no published checksum is known.
"""

from spectralmamba.scenes.datasets.entry import DataFile, Dataset, LabelFile

PAGE = "https://www.ehu.eus/ccwintco/index.php/Hyperspectral_Remote_Sensing_Scenes"

_UPLOADS = "https://www.ehu.eus/ccwintco/uploads"

_TERMS = (
    "the page states no licence that is known to us; cite the source, and ask the owner for other than research use"
)

_GIC = (
    "M. Graña, M. A. Veganzones, B. Ayerdi: Hyperspectral Remote Sensing Scenes, GIC, University of the Basque Country"
)


def _file(path: str, variable: str, sha256: str | None = None) -> DataFile:
    return DataFile(path.rsplit("/", 1)[-1], f"{_UPLOADS}/{path}", sha256, variable)


def _dataset(
    name: str,
    title: str,
    sensor: str,
    size: tuple[int, int, int],
    scene: DataFile,
    labels: DataFile,
    classes: tuple[tuple[int, str, int], ...],
    citation: str,
    notes: str | None = None,
) -> Dataset:
    """Make an entry; ``size`` is (height, width, bands), a class (number, name, pixels)."""
    return Dataset(
        name=name,
        title=title,
        sensor=sensor,
        height=size[0],
        width=size[1],
        bands=size[2],
        classes=tuple((number, called) for number, called, _ in classes),
        scene=scene,
        labels=(LabelFile("labels", labels, tuple(count for _, _, count in classes)),),
        owner="GIC, UPV/EHU",
        page=PAGE,
        citation=citation,
        terms=_TERMS,
        notes=notes,
    )


INDIAN_PINES = _dataset(
    "indian_pines",
    "Indian Pines",
    "AVIRIS",
    (145, 145, 200),
    _file(
        "6/67/Indian_pines_corrected.mat",
        "indian_pines_corrected",
        "ec2f8808710919d566f70f0d4aa885aae1ddfd42b734aba71c5e12ca65450939",
    ),
    _file(
        "c/c4/Indian_pines_gt.mat",
        "indian_pines_gt",
        "65c4687a8ab04f6da4789799bc3bc4f6e88bccac3ed6a2e6ae367e5e6b9e429c",
    ),
    (
        (1, "Alfalfa", 46),
        (2, "Corn-notill", 1428),
        (3, "Corn-mintill", 830),
        (4, "Corn", 237),
        (5, "Grass-pasture", 483),
        (6, "Grass-trees", 730),
        (7, "Grass-pasture-mowed", 28),
        (8, "Hay-windrowed", 478),
        (9, "Oats", 20),
        (10, "Soybean-notill", 972),
        (11, "Soybean-mintill", 2455),
        (12, "Soybean-clean", 593),
        (13, "Wheat", 205),
        (14, "Woods", 1265),
        (15, "Buildings-Grass-Trees-Drives", 386),
        (16, "Stone-Steel-Towers", 93),
    ),
    "M. F. Baumgardner, L. L. Biehl, D. A. Landgrebe: 220 Band AVIRIS Hyperspectral Image Data Set: June 12, 1992 "
    "Indian Pine Test Site 3, Purdue University Research Repository, 2015, doi:10.4231/R7RX991C",
    "without the water absorption bands 104–108, 150–163 and 220 of 220",
)

PAVIA_UNIVERSITY = _dataset(
    "pavia_university",
    "Pavia University",
    "ROSIS",
    (610, 340, 103),
    _file("e/ee/PaviaU.mat", "paviaU", "28447fa87f7a5797845e9a189c0da85e23b1d06a4ba7361e5ff44efbf834d2fb"),
    _file("5/50/PaviaU_gt.mat", "paviaU_gt", "23f6a426928f9b32984adffe659e29f554f9fb6c93b5a107528d308d5087a829"),
    (
        (1, "Asphalt", 6631),
        (2, "Meadows", 18649),
        (3, "Gravel", 2099),
        (4, "Trees", 3064),
        (5, "Painted metal sheets", 1345),
        (6, "Bare soil", 5029),
        (7, "Bitumen", 1330),
        (8, "Self-blocking bricks", 3682),
        (9, "Shadows", 947),
    ),
    f"P. Gamba, University of Pavia; {_GIC}",
)

PAVIA_CENTRE = _dataset(
    "pavia_centre",
    "Pavia Centre",
    "ROSIS",
    (1096, 715, 102),
    _file("e/e3/Pavia.mat", "pavia", "b60341da323fd271cd97dd6d7a69514d385ccd7fdfc5a60c4ff5994b047f152e"),
    _file("5/53/Pavia_gt.mat", "pavia_gt", "7eb54ab81b404dd3ae572e6d0ec211595029e5a847bec2cfb8f9e72d07066b69"),
    (
        (1, "Water", 65971),
        (2, "Trees", 7598),
        (3, "Asphalt", 3090),
        (4, "Self-blocking bricks", 2685),
        (5, "Bitumen", 6584),
        (6, "Tiles", 9248),
        (7, "Shadows", 7287),
        (8, "Meadows", 42826),
        (9, "Bare soil", 2863),
    ),
    f"P. Gamba, University of Pavia; {_GIC}",
    "names as on the owner's page; part of the literature calls classes 3 and 5 to 9 meadows, bare soil, asphalt, "
    "bitumen, tiles and shadows. A stripe of 381 columns without data is left out of the flight's 1096 × 1096 pixels",
)

_SALINAS_NOTES = "without the water absorption bands 108–112, 154–167 and 224 of 224"

SALINAS = _dataset(
    "salinas",
    "Salinas",
    "AVIRIS",
    (512, 217, 204),
    _file(
        "a/a3/Salinas_corrected.mat",
        "salinas_corrected",
        "5ec1c0d22f56d18ecd336f8e35735863c0f160682e04e0c18ef3f89a3334d87d",
    ),
    _file("f/fa/Salinas_gt.mat", "salinas_gt", "ecfab4d31ef5553f097943235d8ea502038eb4a2067b2ad10b33e37c949955e2"),
    (
        (1, "Broccoli green weeds 1", 2009),
        (2, "Broccoli green weeds 2", 3726),
        (3, "Fallow", 1976),
        (4, "Fallow rough plow", 1394),
        (5, "Fallow smooth", 2678),
        (6, "Stubble", 3959),
        (7, "Celery", 3579),
        (8, "Grapes untrained", 11271),
        (9, "Soil vineyard develop", 6203),
        (10, "Corn senesced green weeds", 3278),
        (11, "Lettuce romaine 4 weeks", 1068),
        (12, "Lettuce romaine 5 weeks", 1927),
        (13, "Lettuce romaine 6 weeks", 916),
        (14, "Lettuce romaine 7 weeks", 1070),
        (15, "Vineyard untrained", 7268),
        (16, "Vineyard vertical trellis", 1807),
    ),
    _GIC,
    _SALINAS_NOTES,
)

SALINAS_A = _dataset(
    "salinas_a",
    "Salinas-A",
    "AVIRIS",
    (83, 86, 204),
    _file("1/1a/SalinasA_corrected.mat", "salinasA_corrected"),
    _file("a/aa/SalinasA_gt.mat", "salinasA_gt"),
    (
        (1, "Broccoli green weeds 1", 391),
        (10, "Corn senesced green weeds", 1343),
        (11, "Lettuce romaine 4 weeks", 616),
        (12, "Lettuce romaine 5 weeks", 1525),
        (13, "Lettuce romaine 6 weeks", 674),
        (14, "Lettuce romaine 7 weeks", 799),
    ),
    _GIC,
    f"part of Salinas, with its class numbers; {_SALINAS_NOTES}",
)

KSC = _dataset(
    "ksc",
    "Kennedy Space Center",
    "AVIRIS",
    (512, 614, 176),
    _file("2/26/KSC.mat", "KSC", "b1ad011cfdb65c853e4f9f6108ca4774467d87f90a5c23b74ff3a2984a3b4786"),
    _file("a/a6/KSC_gt.mat", "KSC_gt", "a1d6ab9293691006bd4d9742d1a1e1c141b1aaa5fbc5fa128b33c1d09038510b"),
    (
        (1, "Scrub", 761),
        (2, "Willow swamp", 243),
        (3, "Cabbage palm hammock", 256),
        (4, "Cabbage palm/oak hammock", 252),
        (5, "Slash pine", 161),
        (6, "Oak/broadleaf hammock", 229),
        (7, "Hardwood swamp", 105),
        (8, "Graminoid marsh", 431),
        (9, "Spartina marsh", 520),
        (10, "Cattail marsh", 404),
        (11, "Salt marsh", 419),
        (12, "Mud flats", 503),
        (13, "Water", 927),
    ),
    f"M. M. Crawford, University of Texas at Austin; {_GIC}",
    "without water absorption bands and bands of low signal: 176 of 224",
)

BOTSWANA = _dataset(
    "botswana",
    "Botswana",
    "EO-1 Hyperion",
    (1476, 256, 145),
    _file("7/72/Botswana.mat", "Botswana", "f1603903c844cdc2980550b0180688e8e1a72d4292595d1120e1dec2a80a91c7"),
    _file("5/58/Botswana_gt.mat", "Botswana_gt", "668394905e10e629c16584bfd02b0f533b96d6ba18a63274a94ff3a77126a887"),
    (
        (1, "Water", 270),
        (2, "Hippo grass", 101),
        (3, "Floodplain grasses 1", 251),
        (4, "Floodplain grasses 2", 215),
        (5, "Reeds", 269),
        (6, "Riparian", 269),
        (7, "Firescar 2", 259),
        (8, "Island interior", 203),
        (9, "Acacia woodlands", 314),
        (10, "Acacia shrublands", 248),
        (11, "Acacia grasslands", 305),
        (12, "Short mopane", 181),
        (13, "Mixed mopane", 268),
        (14, "Exposed soils", 95),
    ),
    f"University of Texas Center for Space Research; {_GIC}",
    "bands 10–55, 82–97, 102–119, 134–164 and 187–220 of 242",
)
