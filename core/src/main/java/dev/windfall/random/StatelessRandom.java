package dev.windfall.random;

import java.nio.charset.StandardCharsets;

/**
 * A counter-based generator of random numbers. Its key is a hash of (seed, stream name, counters);
 * the numbers that follow are the SplitMix64 sequence from that key (Steele, Lea and Flood 2014,
 * "Fast splittable pseudorandom number generators"), so the number at any position of the sequence
 * can be had without the ones before it.
 *
 * <p>The static methods hold no state and may be called from any thread. An instance is a cheap
 * cursor over one sequence, belongs to one thread and is never stored: make it anew from its seed,
 * stream and counters where it is needed. All results are bit-exact on every JVM and machine. Not
 * for cryptography.
 */
public final class StatelessRandom {
  /** 2⁶⁴ divided by the golden ratio, the step of SplitMix64. */
  private static final long GOLDEN_STEP = 0x9E3779B97F4A7C15L;

  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;

  /** Distance of neighbouring doubles in [0.5, 1): a draw has 53 random bits. */
  private static final double DOUBLE_UNIT = 0x1.0p-53;

  private long state;

  private StatelessRandom(long key) {
    this.state = key;
  }

  /**
   * The key of a random stream.
   *
   * @param seed the run's or the data's seed; any value
   * @param stream what the numbers are for, such as {@code "epoch-order"}; streams of different
   *     names are independent
   * @param counters which of the stream's sequences: epoch, sample, step; their order and their
   *     number count
   * @return 64 well-mixed bits
   */
  public static long hash(long seed, String stream, long... counters) {
    long hash = mix(seed + GOLDEN_STEP);
    hash = mix(hash ^ fnv1a(stream));
    for (long counter : counters) {
      hash = mix(hash ^ mix(counter + GOLDEN_STEP));
    }
    return mix(hash + counters.length);
  }

  /**
   * A generator at the start of the sequence of (seed, stream, counters).
   *
   * @param seed the run's or the data's seed; any value
   * @param stream what the numbers are for
   * @param counters which of the stream's sequences
   * @return a new generator, for one thread
   */
  public static StatelessRandom of(long seed, String stream, long... counters) {
    return new StatelessRandom(hash(seed, stream, counters));
  }

  /**
   * The number at one position of a key's sequence: what the {@code position}-th call (from 0) of
   * {@link #nextLong()} returns.
   *
   * @param key a key from {@link #hash}
   * @param position the position in the sequence; any value
   * @return 64 random bits
   */
  public static long longAt(long key, long position) {
    return mix(key + GOLDEN_STEP * (position + 1));
  }

  /**
   * The standard normal number at one position of a key's sequence, for initial weights: what the
   * {@code position}-th call (from 0) of {@link #nextGaussian()} returns, rounded to float.
   *
   * @param key a key from {@link #hash}
   * @param position the position, such as a weight's canonical position in its dense tensor
   * @return a draw of N(0, 1)
   */
  public static float gaussianAt(long key, long position) {
    return (float) gaussian(longAt(key, 2 * position), longAt(key, 2 * position + 1));
  }

  /**
   * The next 64 random bits.
   *
   * @return any long, each as likely
   */
  public long nextLong() {
    state += GOLDEN_STEP;
    return mix(state);
  }

  /**
   * The next uniform number of 53 bits.
   *
   * @return a draw from [0, 1)
   */
  public double nextDouble() {
    return (nextLong() >>> 11) * DOUBLE_UNIT;
  }

  /**
   * The next uniform integer, exactly unbiased (Lemire 2019, "Fast random integer generation in an
   * interval": multiply, and reject the few draws that would favour some values).
   *
   * @param bound the number of possible values, at least 1
   * @return a draw from 0 to {@code bound - 1}
   * @throws IllegalArgumentException if the bound is below 1
   */
  public long nextLong(long bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound of a random integer: " + bound + ", at least 1");
    }
    long draw = nextLong();
    if (Long.compareUnsigned(draw * bound, bound) < 0) {
      long rejected = Long.remainderUnsigned(-bound, bound);
      while (Long.compareUnsigned(draw * bound, rejected) < 0) {
        draw = nextLong();
      }
    }
    return Math.unsignedMultiplyHigh(draw, bound);
  }

  /**
   * The next uniform integer, exactly unbiased.
   *
   * @param bound the number of possible values, at least 1
   * @return a draw from 0 to {@code bound - 1}
   * @throws IllegalArgumentException if the bound is below 1
   */
  public int nextInt(int bound) {
    return (int) nextLong(bound);
  }

  /**
   * The next standard normal number; takes two draws of 64 bits.
   *
   * @return a draw of N(0, 1); its magnitude is below 8.6
   */
  public double nextGaussian() {
    return gaussian(nextLong(), nextLong());
  }

  /**
   * The next random order of the numbers 0 to {@code size - 1}, each order as likely as the
   * generator allows (Fisher and Yates).
   *
   * @param size how many numbers, at least 0
   * @return a new array with each number once
   */
  public int[] nextPermutation(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /**
   * Box and Muller 1958, the cosine half. StrictMath and not Math: its results are the same bits on
   * every JVM. The radius's uniform number lies in (0, 1], so its logarithm is finite.
   */
  private static double gaussian(long radiusBits, long angleBits) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(((radiusBits >>> 11) + 1) * DOUBLE_UNIT));
    return radius * StrictMath.cos(2 * StrictMath.PI * ((angleBits >>> 11) * DOUBLE_UNIT));
  }

  /** The finalizer of SplitMix64, a one-to-one mixing of 64 bits. */
  private static long mix(long bits) {
    bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
    return bits ^ (bits >>> 31);
  }

  /** The 64-bit FNV-1a hash of a name's UTF-8 bytes. */
  private static long fnv1a(String name) {
    long hash = FNV_OFFSET;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }
}
