package dev.windfall.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DatasetsTest {
  @Test
  void allAreListed() {
    assertThat(Datasets.all())
        .extracting(Datasets.Entry::name)
        .containsExactly(
            "shapes",
            "mnist",
            "fashion-mnist",
            "cifar-10",
            "cifar-100",
            "tiny-imagenet",
            "image-folder",
            "npy");
    assertThat(Datasets.all())
        .extracting(Datasets.Entry::needsFolder)
        .containsExactly(false, true, true, true, true, true, true, true);
    assertThat(Datasets.all())
        .allSatisfy(entry -> assertThat(entry.description()).isNotBlank().doesNotContain("\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Shapes", "imagenet"})
  void unknownNamesListTheKnownOnes(String name) {
    assertThatThrownBy(() -> Datasets.open(name, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unknown data set '"
                + name
                + "'; known: shapes, mnist, fashion-mnist, cifar-10,"
                + " cifar-100, tiny-imagenet, image-folder, npy");
  }

  @Test
  void setsWithoutAnAddressAskForAFolder() {
    assertThat(Datasets.all())
        .filteredOn(Datasets.Entry::downloadable)
        .extracting(Datasets.Entry::name)
        .containsExactly("mnist", "fashion-mnist", "cifar-10", "cifar-100");
    DatasetCache cache = new DatasetCache(Path.of("none"), (file, bytes, total) -> {});
    assertThatThrownBy(() -> Datasets.openCached("npy", cache))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set npy needs a data folder that holds its files");
    assertThat(Datasets.openCached("shapes", cache).name()).isEqualTo("shapes");
  }

  @Test
  void aFolderIsAskedForOrRefused() {
    assertThatThrownBy(() -> Datasets.open("cifar-10", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set cifar-10 needs a data folder that holds its files");
    assertThatThrownBy(() -> Datasets.open("shapes", Path.of("here")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set shapes is embedded and takes no data folder, found here");
  }

  @Test
  void checksumCoversPixelsLabelsOrderAndSplit() {
    Dataset dataset = TestImages.dataset(TestImages.images(5));
    assertThat(DatasetChecksum.sha256(dataset))
        .isEqualTo(DatasetChecksum.sha256(TestImages.dataset(TestImages.images(5))))
        .isNotEqualTo(DatasetChecksum.sha256(TestImages.dataset(TestImages.images(6))));
    int[][] orders = {{0, 1, 2, 4, 3}, {0, 1, 2, 3, 1}};
    for (int[] order : orders) {
      ImageSet other = new ImageSubset(TestImages.images(5), order);
      assertThat(DatasetChecksum.sha256(TestImages.dataset(other)))
          .isNotEqualTo(DatasetChecksum.sha256(dataset));
    }
  }

  /** The checksums published for the six unpacked files: records of a label and an image. */
  @Test
  void realCifar10IsReadBitForBit() throws NoSuchAlgorithmException {
    Dataset cifar = Datasets.open("cifar-10", TestImages.realData("cifar-10-batches-bin"));
    List<String> checksums =
        List.of(
            "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
            "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
            "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
            "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
            "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add");
    assertThat(cifar.train().count()).isEqualTo(50_000);
    assertThat(cifar.test().count()).isEqualTo(10_000);
    for (int file = 0; file < checksums.size(); file++) {
      assertThat(recordsChecksum(cifar.train(), file * 10_000)).isEqualTo(checksums.get(file));
    }
    assertThat(recordsChecksum(cifar.test(), 0))
        .isEqualTo("8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b");
    assertStatistics(cifar);
  }

  private static String recordsChecksum(ImageSet images, int first)
      throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] image = new byte[3072];
    for (int index = first; index < first + 10_000; index++) {
      images.read(index, image);
      digest.update((byte) images.label(index));
      digest.update(image);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The data set is found from the folder above as well. */
  @Test
  void realFashionMnistIsReadBitForBit() {
    Dataset fashion =
        Datasets.open("fashion-mnist", TestImages.realData("fashion-mnist").getParent());
    assertThat(fashion.train().count()).isEqualTo(60_000);
    assertThat(fashion.test().count()).isEqualTo(10_000);
    assertThat(fashion.classNames().get(fashion.train().label(0))).isEqualTo("ankle boot");
    assertThat(DatasetChecksum.sha256(fashion))
        .isEqualTo("c2bfebd90aa0195c49f76d308186d5828adc624ee004a01e9b5fd5f7e5896390");
    assertStatistics(fashion);
  }

  /** The stated statistics are those of the training images, rounded. */
  private static void assertStatistics(Dataset dataset) {
    ChannelStatistics computed = ChannelStatistics.of(dataset.shape(), dataset.train());
    for (int channel = 0; channel < dataset.shape().channels(); channel++) {
      assertThat(dataset.statistics().mean().get(channel))
          .isCloseTo(computed.mean().get(channel), Offset.offset(0.00005));
      assertThat(dataset.statistics().deviation().get(channel))
          .isCloseTo(computed.deviation().get(channel), Offset.offset(0.00005));
    }
  }
}
