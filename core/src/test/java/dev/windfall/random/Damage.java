package dev.windfall.random;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Thousands of damaged versions of a file, a pure function of its name: each must be refused by one
 * clear line, or read as something valid, and take no memory beyond what so small a file explains.
 *
 * @param name of the format, which decides the damage
 * @param places says where damage begins: a random number, the file's size
 * @param words that damage puts in for others; none for files that are no text
 */
public record Damage(
    String name, BiFunction<StatelessRandom, Integer, Integer> places, List<String> words) {

  /** How many versions of each format are tried. */
  public static final int VERSIONS = 10_000;

  /** The packers' own buffers and dictionaries, and a decoded image, take a few MiB. */
  private static final long MOST_BYTES = 150L << 20;

  private static final int[] EXTREMES = {
    0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xFFFF, 0x10000, 1 << 20
  };

  /** Damage anywhere, in bytes. */
  public static Damage anywhere(String name) {
    return new Damage(name, (random, size) -> random.nextInt(size), List.of());
  }

  /** Damage anywhere, also by the words given. */
  public static Damage ofText(String name, String... words) {
    return new Damage(name, (random, size) -> random.nextInt(size), List.of(words));
  }

  /** Reads a damaged file. */
  @FunctionalInterface
  public interface Reading {
    /** Reads to the end, and checks that what was read is valid. */
    void read(byte[] damaged) throws Exception;
  }

  /**
   * Reads {@link #VERSIONS} versions.
   *
   * @param valid the file without damage
   * @param refusal the exceptions that refuse a file
   * @param start with what the line that refuses it begins
   * @return how many versions were refused
   */
  public int refusals(
      byte[] valid, Class<? extends Exception> refusal, String start, Reading reading)
      throws Exception {
    return refusals(VERSIONS, valid, refusal, start, reading);
  }

  /** As {@link #refusals(byte[], Class, String, Reading)}, for a number of versions. */
  public int refusals(
      int versions, byte[] valid, Class<? extends Exception> refusal, String start, Reading reading)
      throws Exception {
    reading.read(valid);
    int refused = 0;
    for (int version = 0; version < versions; version++) {
      byte[] damaged = damaged(valid, StatelessRandom.of(5, "damage-" + name, version));
      long before = allocated();
      try {
        reading.read(damaged);
      } catch (Exception e) {
        assertThat(e).as("version %d of %s", version, name).isInstanceOf(refusal);
        assertThat(e.getMessage())
            .as("version %d of %s", version, name)
            .startsWith(start)
            .doesNotContainPattern("[\\n\\r]")
            .hasSizeLessThan(1000);
        refused++;
      }
      assertThat(allocated() - before)
          .as("memory of version %d of %s", version, name)
          .isLessThan(MOST_BYTES);
    }
    return refused;
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  /** One to three random changes: bits, bytes, numbers and words, cuts and repetitions. */
  private byte[] damaged(byte[] valid, StatelessRandom random) {
    byte[] file = valid.clone();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && file.length > 0; i++) {
      int at = places.apply(random, file.length);
      switch (random.nextInt(words.isEmpty() ? 6 : 9)) {
        case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> file[at] = (byte) random.nextInt(256);
        case 2 -> overwrite(file, at, extreme(random));
        case 3 -> file = Arrays.copyOf(file, at);
        case 4 -> file = Arrays.copyOf(file, file.length + 1 + random.nextInt(1000));
        case 5 -> {
          int from = places.apply(random, file.length);
          int length = Math.min(1 + random.nextInt(64), file.length - Math.max(at, from));
          System.arraycopy(file, from, file, at, length);
        }
        default -> file = withWord(file, at, random);
      }
    }
    return file;
  }

  private static byte[] extreme(StatelessRandom random) {
    return ByteBuffer.allocate(4)
        .order(random.nextInt(2) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
        .putInt(EXTREMES[random.nextInt(EXTREMES.length)])
        .array();
  }

  private static void overwrite(byte[] file, int at, byte[] with) {
    System.arraycopy(with, 0, file, at, Math.min(with.length, file.length - at));
  }

  /** A word in the place of up to eight bytes. */
  private byte[] withWord(byte[] file, int at, StatelessRandom random) {
    byte[] word = words.get(random.nextInt(words.size())).getBytes(StandardCharsets.UTF_8);
    int end = Math.min(file.length, at + random.nextInt(9));
    return ByteBuffer.allocate(at + word.length + file.length - end)
        .put(file, 0, at)
        .put(word)
        .put(file, end, file.length - end)
        .array();
  }
}
