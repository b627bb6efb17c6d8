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
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.windfall.data.TestFiles.Entry;
import dev.windfall.random.StatelessRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Thousands of damaged versions of each kind of file: each is refused by one line that names the
 * file, or read as something valid, and takes no memory beyond what such a small file explains.
 */
@Timeout(300)
final class DamagedFilesTest {
  private static final int MUTATIONS = 2000;

  /** The packers' own buffers and dictionaries, and a decoded image, take a few MiB. */
  private static final long MOST_BYTES = 150L << 20;

  private static final int[] EXTREMES = {
    0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xFFFF, 0x10000, 1 << 20
  };
  private static final ImageShape IMAGE = new ImageShape(1, 2, 3);
  private static final ImageShape PICTURE = new ImageShape(3, 7, 9);

  /** A kind of file: a valid one, and what reads it. */
  private enum Format {
    IDX_IMAGES("images") {
      @Override
      byte[] valid() {
        return idx(bytes(24), 2051, 4, 2, 3);
      }
    },
    IDX_LABELS("labels") {
      @Override
      byte[] valid() {
        return idx(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, 2049, 9);
      }
    },
    CIFAR("cifar.bin") {
      @Override
      byte[] valid() {
        return cifar(3, 9);
      }
    },
    GZIP("images.gz") {
      @Override
      byte[] valid() throws IOException {
        return gzip(idx(bytes(24), 2051, 4, 2, 3));
      }
    },
    XZ("images.xz") {
      @Override
      byte[] valid() throws IOException {
        return xz(idx(bytes(24), 2051, 4, 2, 3), 1 << 16);
      }
    },
    TAR_GZ("cifar-100-binary.tar.gz") {
      @Override
      byte[] valid() throws IOException {
        return archive();
      }
    },
    /** Damaged before it is packed, so that gzip's checksum does not protect the archive. */
    TAR("cifar-100-binary.tar.gz") {
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
    NPY("array.npy") {
      @Override
      byte[] valid() {
        return npy("<i4", "(2, 3, 4)", bytes(96));
      }
    },
    NPY_GZIP("array.npy.gz") {
      @Override
      byte[] valid() {
        return npy("|u1", "(2, 3, 4, 5)", bytes(120));
      }

      @Override
      byte[] finished(byte[] damaged) throws IOException {
        return gzip(damaged);
      }
    },
    PNG("image.png") {
      @Override
      byte[] valid() throws IOException {
        return encoded(image(9, 7, BufferedImage.TYPE_3BYTE_BGR), "png");
      }
    },
    PNG_PALETTE("image.png") {
      @Override
      byte[] valid() throws IOException {
        return encoded(image(9, 7, BufferedImage.TYPE_BYTE_INDEXED), "png");
      }
    },
    JPEG("image.jpg") {
      @Override
      byte[] valid() throws IOException {
        return encoded(image(9, 7, BufferedImage.TYPE_3BYTE_BGR), "jpeg");
      }
    };

    private final String file;

    Format(String file) {
      this.file = file;
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
  void damageIsRefusedOrReadAsSomethingValid(Format format) throws IOException {
    byte[] valid = format.valid();
    Path path = Files.write(folder.resolve(format.file), format.finished(valid));
    format.read(path);
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      StatelessRandom random = StatelessRandom.of(5, "damage-" + format, i);
      Files.write(path, format.finished(damaged(format, valid, random)));
      long before = allocated();
      try {
        format.read(path);
      } catch (DatasetException e) {
        assertThat(e)
            .as("mutation %d", i)
            .hasMessageStartingWith(path.toString())
            .hasMessageNotContaining("\n");
        refused++;
      }
      assertThat(allocated() - before).as("memory of mutation %d", i).isLessThan(MOST_BYTES);
    }
    assertThat(refused).isGreaterThan(MUTATIONS / 5);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  /** One to three random changes: bits, bytes and numbers of four bytes, cuts and repetitions. */
  private static byte[] damaged(Format format, byte[] valid, StatelessRandom random) {
    byte[] file = valid.clone();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && file.length > 0; i++) {
      int at = format.place(random, file.length);
      switch (random.nextInt(6)) {
        case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> file[at] = (byte) random.nextInt(256);
        case 2 -> {
          byte[] number = ByteBuffer.allocate(4).putInt(EXTREMES[random.nextInt(8)]).array();
          System.arraycopy(number, 0, file, at, Math.min(4, file.length - at));
        }
        case 3 -> file = Arrays.copyOf(file, at);
        case 4 -> file = Arrays.copyOf(file, file.length + 1 + random.nextInt(1000));
        default -> {
          int from = format.place(random, file.length);
          int length = Math.min(1 + random.nextInt(64), file.length - Math.max(at, from));
          System.arraycopy(file, from, file, at, length);
        }
      }
    }
    return file;
  }
}
