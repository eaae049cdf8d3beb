"""Scenes whose owners want a form filled in, or give them away through a net disk: put in place by hand.

Sizes, classes and the counts of Houston2013 and Augsburg are those of the published label maps, counted in copies of
them (a test compares them); those of LongKou are as commonly given and meet the 204 542 labelled pixels of the
paper cited; its table could not be read here.

Sources: addresses and access as https://github.com/danfenghong/ISPRS_S2FL (Augsburg, and Houston2013's label maps as
rasters) and the pages named below give them. Checksums: of the two Houston label maps, those of the files in that
repository at commit dfebaf4; of the Houston scene, as https://github.com/songyz2019/rs-fusion-datasets publishes it
(``core/fetch_houston2013.py``), whose checksum of another file of the contest is confirmed by a copy of that file; of
LongKou, as ``reproduce/datasets.py`` of https://github.com/longlinh/Sw-SSFCM_Algs has them, see ``gic.py``.
"""

from spectralmamba.scenes.datasets.entry import DataFile, Dataset, LabelFile

_S2FL_PAGE = "https://github.com/danfenghong/ISPRS_S2FL"
_S2FL = "https://raw.githubusercontent.com/danfenghong/ISPRS_S2FL/dfebaf48b18004cedaf506b97db31ae78f0ae3f2"


def _numbered(*names: str) -> tuple[tuple[int, str], ...]:
    return tuple(enumerate(names, start=1))


HOUSTON2013 = Dataset(
    name="houston2013",
    title="Houston 2013 (IEEE GRSS Data Fusion Contest)",
    sensor="CASI-1500",
    height=349,
    width=1905,
    bands=144,
    classes=_numbered(
        *("Healthy grass", "Stressed grass", "Synthetic grass", "Trees", "Soil", "Water", "Residential", "Commercial"),
        *("Road", "Highway", "Railway", "Parking lot 1", "Parking lot 2", "Tennis court", "Running track"),
    ),
    scene=DataFile(
        "2013_IEEE_GRSS_DF_Contest_CASI.tif",
        sha256="1440f38594e8e82cc1944c084fc138ef55a70af54122828e999c4fb438574c14",
    ),
    labels=(
        LabelFile(
            "train",
            DataFile(
                "2013_IEEE_GRSS_DF_Contest_Samples_TR.tif",
                f"{_S2FL}/2013_IEEE_GRSS_DF_Contest_Samples_TR.tif",
                "c943016242f98a4c1e70fb35842562e654425de5364c58ceb5e1186029c193f7",
                page=_S2FL_PAGE,
            ),
            (198, 190, 192, 188, 186, 182, 196, 191, 193, 191, 181, 192, 184, 181, 187),
        ),
        LabelFile(
            "test",
            DataFile(
                "2013_IEEE_GRSS_DF_Contest_Samples_VA.tif",
                f"{_S2FL}/2013_IEEE_GRSS_DF_Contest_Samples_VA.tif",
                "9fd0093af69a8f91cc0f3ef7c67dd7f961445223c0a2497bdbed03e7f329a010",
                page=_S2FL_PAGE,
            ),
            (1053, 1064, 505, 1056, 1056, 143, 1072, 1053, 1059, 1036, 1054, 1041, 285, 247, 473),
        ),
    ),
    owner="IEEE GRSS, U. Houston",
    page="https://machinelearning.ee.uh.edu/2013-ieee-grss-data-fusion-contest/",
    citation="C. Debes et al.: Hyperspectral and LiDAR Data Fusion: Outcome of the 2013 GRSS Data Fusion Contest, "
    "IEEE JSTARS 7(6), 2405–2418, 2014, doi:10.1109/JSTARS.2014.2305441",
    terms="those of the contest, to be accepted on the page",
    by_hand="the owner wants a form filled in",
    archive="2013_DFTC.zip",
    notes="the label maps are the contest's training and validation samples, as rasters made by the authors of S2FL "
    "(D. Hong et al., ISPRS J. 178, 68–80, 2021)",
)

LONGKOU = Dataset(
    name="longkou",
    title="WHU-Hi-LongKou",
    sensor="Nano-Hyperspec",
    height=550,
    width=400,
    bands=270,
    classes=_numbered(
        *("Corn", "Cotton", "Sesame", "Broad-leaf soybean", "Narrow-leaf soybean", "Rice", "Water"),
        *("Roads and houses", "Mixed weed"),
    ),
    scene=DataFile(
        "WHU_Hi_LongKou.mat",
        sha256="4ef90f2222128245b8fc5c9c6003dfc37f43569991190eb32fcc8a3753430634",
        variable="WHU_Hi_LongKou",
    ),
    labels=(
        LabelFile(
            "labels",
            DataFile(
                "WHU_Hi_LongKou_gt.mat",
                sha256="b5a3634dc31a907ea6e60192ad7cd2b7946453ec57526ea7724941d8c1078178",
                variable="WHU_Hi_LongKou_gt",
            ),
            (34511, 8374, 3031, 63212, 4151, 11854, 67056, 7124, 5229),
        ),
    ),
    owner="RSIDEA, Wuhan U.",
    page="http://rsidea.whu.edu.cn/resource_WHUHi_sharing.htm",
    citation="Y. Zhong et al.: WHU-Hi: UAV-borne hyperspectral with high spatial resolution (H²) benchmark datasets "
    "and classifier for precise crop identification based on deep convolutional neural network with CRF, Remote "
    "Sensing of Environment 250, 112012, 2020, doi:10.1016/j.rse.2020.112012",
    terms="those of the page",
    by_hand="the owner's page leads to no address that a program could fetch from",
    integers=False,
    notes="the owner also gives fixed samples of 25 to 300 pixels a class, which are not used here",
)

AUGSBURG = Dataset(
    name="augsburg",
    title="Augsburg (HS-SAR-DSM)",
    sensor="HySpex",
    height=332,
    width=485,
    bands=180,
    classes=_numbered(
        "Forest", "Residential area", "Industrial area", "Low plants", "Allotment", "Commercial area", "Water"
    ),
    scene=DataFile("data_HS_LR.mat", variable="data_HS_LR", member="HS-SAR-DSM Augsburg/data_HS_LR.mat"),
    labels=(
        LabelFile(
            "train",
            DataFile("TrainImage.mat", variable="TrainImage", member="HS-SAR-DSM Augsburg/TrainImage.mat"),
            (146, 264, 21, 248, 52, 7, 23),
        ),
        LabelFile(
            "test",
            DataFile("TestImage.mat", variable="TestImage", member="HS-SAR-DSM Augsburg/TestImage.mat"),
            (13361, 30065, 3830, 26609, 523, 1638, 1507),
        ),
    ),
    owner="S2FL (D. Hong et al.)",
    page=_S2FL_PAGE,
    citation="D. Hong, J. Hu, J. Yao, J. Chanussot, X. X. Zhu: Multimodal remote sensing benchmark datasets for land "
    "cover classification with a shared and specific feature learning model, ISPRS Journal 178, 68–80, 2021",
    terms="freely and openly available, says the page; cite the paper",
    by_hand="the owner's page leads to net disks, from which a program cannot fetch",
    notes="the files lie in the folder 'HS-SAR-DSM Augsburg' of the archive that the page links to",
)
