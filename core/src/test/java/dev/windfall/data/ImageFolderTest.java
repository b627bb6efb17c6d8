package dev.windfall.data;

import static dev.windfall.data.TestFiles.encoded;
import static dev.windfall.data.TestFiles.image;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageFolderTest {
  private static final BufferedImage COLOUR = image(5, 3, BufferedImage.TYPE_3BYTE_BGR);

  @TempDir private Path folder;

  private Path write(String name, byte[] content) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(path.getParent());
    return Files.write(path, content);
  }

  private Dataset read() {
    return Datasets.open("image-folder", folder);
  }

  private static byte[] pixels(ImageSet images, int index, ImageShape shape) {
    byte[] pixels = new byte[shape.size()];
    images.read(index, pixels);
    return pixels;
  }

  private void assertRefused(String message) {
    assertThatThrownBy(this::read).isInstanceOf(DatasetException.class).hasMessage(message);
  }

  @Test
  void classesAndFilesAreSortedByName() throws IOException {
    write("train/zebra/a.PNG", encoded(COLOUR, "png"));
    write("train/ant/b.png", encoded(image(5, 3, BufferedImage.TYPE_BYTE_GRAY), "png"));
    write("train/ant/a.jpg", encoded(COLOUR, "jpeg"));
    write("train/ant/notes.txt", new byte[1]);
    write("train/ant/.hidden.png", new byte[1]);
    write("val/zebra/x.png", encoded(COLOUR, "png"));
    Dataset dataset = read();
    assertThat(dataset.shape()).isEqualTo(new ImageShape(3, 3, 5));
    assertThat(dataset.classNames()).containsExactly("ant", "zebra");
    assertThat(dataset.train().count()).isEqualTo(3);
    assertThat(dataset.train().label(1)).isZero();
    assertThat(dataset.train().label(2)).isEqualTo(1);
    assertThat(dataset.test().count()).isEqualTo(1);
    assertThat(dataset.test().label(0)).isEqualTo(1);
    assertThat(dataset.statistics())
        .isEqualTo(ChannelStatistics.of(dataset.shape(), dataset.train()));
    write("test/ant/x.png", encoded(COLOUR, "png"));
    assertThat(read().test().label(0)).as("test comes before val").isZero();
  }

  @Test
  void pngPixelsAreKept() throws IOException {
    write("train/a/1.png", encoded(COLOUR, "png"));
    BufferedImage grey = image(5, 3, BufferedImage.TYPE_BYTE_GRAY);
    write("test/a/1.png", encoded(grey, "png"));
    Dataset dataset = read();
    byte[] colourPixels = pixels(dataset.train(), 0, dataset.shape());
    byte[] greyPixels = pixels(dataset.test(), 0, dataset.shape());
    for (int i = 0; i < 45; i++) {
      int x = i % 5;
      int y = i % 15 / 5;
      assertThat(colourPixels[i] & 0xFF).isEqualTo(COLOUR.getRaster().getSample(x, y, i / 15));
      assertThat(greyPixels[i] & 0xFF).isEqualTo(grey.getRaster().getSample(x, y, 0));
    }
  }

  @Test
  void missingAndUnknownFoldersAreNamed() throws IOException {
    Path train = folder.resolve("train");
    assertRefused(
        "image-folder: put the images into %s and %s; one of these folders does not exist"
            .formatted(train.resolve("CLASS"), folder.resolve("test").resolve("CLASS")));
    Files.createDirectories(train);
    Files.createDirectories(folder.resolve("test"));
    assertRefused(train + ": 1 to 256 folders expected, one for each class, found 0");
    Files.createDirectories(train.resolve("a"));
    assertRefused(train.resolve("a") + ": holds no image; files end in .png, .jpg or .jpeg");
    write("train/a/1.png", encoded(COLOUR, "png"));
    assertRefused(folder.resolve("test") + ": holds no folder of a class");
    Files.createDirectories(folder.resolve("test/b"));
    assertRefused(
        folder.resolve("test/b") + ": a class of this name is not among those to train on");
  }

  @Test
  void unreadableImagesAreNamed() throws IOException {
    write("train/a/1.png", encoded(COLOUR, "png"));
    write("test/a/1.png", encoded(COLOUR, "png"));
    Path path = write("train/a/2.png", encoded(image(6, 3, BufferedImage.TYPE_3BYTE_BGR), "png"));
    assertRefused(
        path + ": image of 5 x 3 pixels expected, as in the data set's first, found 6 x 3");
    write("train/a/2.png", "an image".getBytes(UTF_8));
    assertRefused(path + ": is neither a PNG nor a JPEG image");
    byte[] whole = encoded(COLOUR, "png");
    write("train/a/2.png", Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(this::read)
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith(path + ": cannot be decoded: ");
  }

  @Test
  void hugeDimensionsAreRefusedBeforeDecoding() throws IOException {
    write("test/a/1.png", encoded(COLOUR, "png"));
    Path path = write("train/a/1.png", withSize(encoded(COLOUR, "png"), 100_000, 100_000));
    assertRefused(path + ": image of 100000 x 100000 pixels; each side has 1 to 4096");
    byte[] file = withSize(encoded(COLOUR, "png"), 4000, 4000);
    write("train/a/1.png", file);
    assertRefused(
        path + ": " + file.length + " bytes are too few for an image of 4000 x 4000 pixels");
  }

  /** The header chunk of a PNG file follows 8 bytes: length, IHDR, width, height, 5 bytes, CRC. */
  private static byte[] withSize(byte[] png, int width, int height) {
    ByteBuffer file = ByteBuffer.wrap(png.clone()).putInt(16, width).putInt(20, height);
    CRC32 checksum = new CRC32();
    checksum.update(file.array(), 12, 17);
    return file.putInt(29, (int) checksum.getValue()).array();
  }

  @Test
  void tinyImageNetIsReadWithItsAnnotations() throws IOException {
    tinyImageNet();
    Dataset tiny = TinyImageNet.read(folder, 2, 2, 1);
    assertThat(tiny.shape()).isEqualTo(new ImageShape(3, 64, 64));
    assertThat(tiny.classNames()).containsExactly("n01", "n02");
    assertThat(tiny.train().count()).isEqualTo(4);
    assertThat(tiny.train().label(1)).isZero();
    assertThat(tiny.train().label(2)).isEqualTo(1);
    assertThat(tiny.test().count()).isEqualTo(2);
    assertThat(tiny.test().label(0)).isEqualTo(1);
    assertThat(tiny.test().label(1)).isZero();
  }

  @Test
  void damagedTinyImageNetIsRefused() throws IOException {
    Path annotations = tinyImageNet();
    assertTinyRefused(
        annotations + ": has no line for val_1.JPEG", annotations, "val_0.JPEG\tn02\n");
    assertTinyRefused(
        annotations
            + ": line 2: a new file name, a tab and a class of the training images expected",
        annotations,
        "val_0.JPEG\tn02\t0\nval_1.JPEG\tn03\t0\n");
    Path train = annotations.resolveSibling("../train").normalize();
    Files.delete(train.resolve("n02/images/n02_1.JPEG"));
    assertTinyRefused(
        train.resolve("n02/images") + ": 2 images expected, found 1", annotations, "");
    Path other = folder.resolve("other");
    assertThatThrownBy(() -> TinyImageNet.read(other, 2, 2, 1))
        .isInstanceOf(DatasetException.class)
        .hasMessage(
            "tiny-imagenet: missing train or val: put these folders into the folder "
                + other
                + "; source: http://cs231n.stanford.edu/tiny-imagenet-200.zip, unpacked");
  }

  private void assertTinyRefused(String message, Path annotations, String lines)
      throws IOException {
    Files.writeString(annotations, lines);
    assertThatThrownBy(() -> TinyImageNet.read(folder, 2, 2, 1))
        .isInstanceOf(DatasetException.class)
        .hasMessage(message);
  }

  /** Two classes of two images, one of them grey, and two validation images; the annotations. */
  private Path tinyImageNet() throws IOException {
    byte[] colour = encoded(image(64, 64, BufferedImage.TYPE_3BYTE_BGR), "jpeg");
    byte[] grey = encoded(image(64, 64, BufferedImage.TYPE_BYTE_GRAY), "jpeg");
    for (String name : new String[] {"n02", "n01"}) {
      write("tiny-imagenet-200/train/" + name + "/images/" + name + "_0.JPEG", colour);
      write("tiny-imagenet-200/train/" + name + "/images/" + name + "_1.JPEG", grey);
      write("tiny-imagenet-200/train/" + name + "/" + name + "_boxes.txt", new byte[1]);
    }
    write("tiny-imagenet-200/val/images/val_0.JPEG", colour);
    write("tiny-imagenet-200/val/images/val_1.JPEG", grey);
    return write(
        "tiny-imagenet-200/val/val_annotations.txt",
        "val_1.JPEG\tn01\t0\t0\t9\t9\nval_0.JPEG\tn02\t0\t0\t9\t9\n".getBytes(UTF_8));
  }
}
