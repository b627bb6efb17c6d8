package dev.windfall.data;

import static dev.windfall.data.TestFiles.bytes;
import static dev.windfall.data.TestFiles.cifar;
import static dev.windfall.data.TestFiles.cifar100;
import static dev.windfall.data.TestFiles.encoded;
import static dev.windfall.data.TestFiles.gzip;
import static dev.windfall.data.TestFiles.idx;
import static dev.windfall.data.TestFiles.image;
import static dev.windfall.data.TestFiles.npy;
import static dev.windfall.data.TestFiles.tarGz;
import static dev.windfall.data.TestFiles.xz;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.data.TestFiles.Entry;
import dev.windfall.random.Damage;
import dev.windfall.random.StatelessRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Damage} to each kind of data file. */
@Timeout(300)
final class DamagedFilesTest {
  private static final ImageShape IMAGE = new ImageShape(1, 2, 3);
  private static final ImageShape PICTURE = new ImageShape(3, 7, 9);

  /** A kind of file: a valid one, and what reads it. */
  private enum Format {
    IDX_IMAGES("images", true) {
      @Override
      byte[] valid() {
        return idx(bytes(24), 2051, 4, 2, 3);
      }
    },
    IDX_LABELS("labels", true) {
      @Override
      byte[] valid() {
        return idx(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, 2049, 9);
      }
    },
    CIFAR("cifar.bin", false) {
      @Override
      byte[] valid() {
        return cifar(3, 9);
      }
    },
    GZIP("images.gz", true) {
      @Override
      byte[] valid() throws IOException {
        return gzip(idx(bytes(24), 2051, 4, 2, 3));
      }
    },
    XZ("images.xz", true) {
      @Override
      byte[] valid() throws IOException {
        return xz(idx(bytes(24), 2051, 4, 2, 3), 1 << 16);
      }
    },
    TAR_GZ("cifar-100-binary.tar.gz", true) {
      @Override
      byte[] valid() throws IOException {
        return archive();
      }
    },
    /** Damaged before it is packed, so that gzip's checksum does not protect the archive. */
    TAR("cifar-100-binary.tar.gz", true) {
      @Override
      byte[] valid() throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(archive())).readAllBytes();
      }

      @Override
      byte[] finished(byte[] damaged) throws IOException {
        return gzip(damaged);
      }

      /** Most damage is done to the headers, which are few among the pixels. */
      @Override
      int place(StatelessRandom random, int size) {
        int entry = random.nextInt(3);
        int start = entry == 0 ? 0 : entry == 1 ? 512 + 6656 : 512 + 6656 + 512 + 3584;
        return Math.min(size - 1, start + random.nextInt(512));
      }
    },
    NPY("array.npy", true) {
      @Override
      byte[] valid() {
        return npy("<i4", "(2, 3, 4)", bytes(96));
      }
    },
    NPY_GZIP("array.npy.gz", true) {
      @Override
      byte[] valid() {
        return npy("|u1", "(2, 3, 4, 5)", bytes(120));
      }

      @Override
      byte[] finished(byte[] damaged) throws IOException {
        return gzip(damaged);
      }
    },
    PNG("image.png", true) {
      @Override
      byte[] valid() throws IOException {
        return encoded(image(9, 7, BufferedImage.TYPE_3BYTE_BGR), "png");
      }
    },
    PNG_PALETTE("image.png", true) {
      @Override
      byte[] valid() throws IOException {
        return encoded(image(9, 7, BufferedImage.TYPE_BYTE_INDEXED), "png");
      }
    },
    JPEG("image.jpg", false) {
      @Override
      byte[] valid() throws IOException {
        return encoded(image(9, 7, BufferedImage.TYPE_3BYTE_BGR), "jpeg");
      }
    };

    private final String file;

    /** Whether another kind here has the same format, so that each takes half of the damage. */
    private final boolean hasTwin;

    Format(String file, boolean hasTwin) {
      this.file = file;
      this.hasTwin = hasTwin;
    }

    void read(Path path) {
      switch (this) {
        case IDX_IMAGES, GZIP, XZ -> assertThat(IdxFile.images(path, 4, IMAGE)).hasSize(24);
        case IDX_LABELS -> assertThat(IdxFile.labels(path, 9, 10)).hasSize(9);
        case CIFAR -> readCifar(path);
        case TAR_GZ, TAR -> readArchive(path);
        case NPY, NPY_GZIP -> readNpy(path);
        case PNG, PNG_PALETTE, JPEG -> readImage(path);
      }
    }

    abstract byte[] valid() throws IOException;

    byte[] finished(byte[] damaged) throws IOException {
      return damaged;
    }

    int place(StatelessRandom random, int size) {
      return random.nextInt(size);
    }
  }

  @TempDir private Path folder;

  private static void readCifar(Path path) {
    CifarReader reader = new CifarReader(1, 10, 2);
    try (DataFile file = DataFile.open(path)) {
      reader.read(0, file);
    }
    assertThat(reader.images(0, 0).label(0)).isLessThan(10);
  }

  private static byte[] archive() throws IOException {
    return tarGz(new Entry("train.bin", cifar100(1, 2)), new Entry("test.bin", cifar100(3)));
  }

  private static void readArchive(Path path) {
    Dataset dataset = Cifar100.read(path.resolveSibling(""), 2, 1);
    assertThat(dataset.train().label(1)).isLessThan(100);
  }

  private static void readNpy(Path path) {
    try (DataFile file = DataFile.open(path)) {
      NpyFile array = NpyFile.read(file);
      assertThat(array.data().length).isPositive();
    }
  }

  private static void readImage(Path path) {
    ImageShape shape = ImageFiles.shape(path);
    ImageFiles.decode(path, PICTURE, new byte[PICTURE.size()], 0);
    assertThat(shape).isEqualTo(PICTURE);
  }

  @ParameterizedTest
  @EnumSource
  void damageIsRefusedOrReadAsSomethingValid(Format format) throws Exception {
    Path path = folder.resolve(format.file);
    int versions = format.hasTwin ? Damage.VERSIONS / 2 : Damage.VERSIONS;
    int refused =
        new Damage(format.name(), format::place, List.of())
            .refusals(
                versions,
                format.valid(),
                DatasetException.class,
                path.toString(),
                damaged -> {
                  Files.write(path, format.finished(damaged));
                  format.read(path);
                });
    assertThat(refused).isGreaterThan(versions / 5);
  }

  /** Two classes, of each one image to train on and one to validate on. */
  @Test
  void damagedAnnotationsAreRefusedOrReadAsSomethingValid() throws Exception {
    byte[] image = encoded(image(64, 64, BufferedImage.TYPE_BYTE_GRAY), "png");
    for (String file :
        List.of("train/n01/images/a.png", "train/n02/images/b.png", "val/images/c.png")) {
      Path path = folder.resolve(file);
      Files.createDirectories(path.getParent());
      Files.write(path, image);
    }
    Files.write(folder.resolve("val/images/d.png"), image);
    Path annotations = folder.resolve("val/val_annotations.txt");
    int refused =
        Damage.ofText("annotations", "\n", "\r\n", "\t", "\0", "n02", "d.png", "../n01", "é")
            .refusals(
                "c.png\tn02\t0\t0\t63\t63\nd.png\tn01\t0\t0\t63\t63\n".getBytes(UTF_8),
                DatasetException.class,
                annotations.toString(),
                damaged -> {
                  Files.write(annotations, damaged);
                  Dataset dataset = TinyImageNet.read(folder, 2, 1, 1);
                  assertThat(dataset.test().count()).isEqualTo(2);
                });
    assertThat(refused).isBetween(Damage.VERSIONS / 5, Damage.VERSIONS - 1);
  }
}
