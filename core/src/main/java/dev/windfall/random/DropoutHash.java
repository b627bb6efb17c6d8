package dev.windfall.random;

/**
 * Which elements dropout zeroes: an integer hash of (seed, layer, step, sample, element), so that
 * nothing is stored and any thread, lane or engine finds the same.
 */
public final class DropoutHash {

  /** What an element's number is multiplied by before it meets the key. */
  public static final int ELEMENT_FACTOR = 0x9E3779B9;

  /** The first factor of the mixing, from MurmurHash3. */
  public static final int FIRST_FACTOR = 0x85EBCA6B;

  /** The second factor of the mixing, from MurmurHash3. */
  public static final int SECOND_FACTOR = 0xC2B2AE35;

  private DropoutHash() {}

  /** The key of one sample in one layer and step. */
  public static int key(long seed, String layer, long step, long sample) {
    return (int) StatelessRandom.hash(seed, layer, step, sample);
  }

  /** 32 mixed bits of a sample's key and the number of the element within the sample. */
  public static int of(int key, int element) {
    int hash = key ^ element * ELEMENT_FACTOR;
    hash = (hash ^ hash >>> 16) * FIRST_FACTOR;
    hash = (hash ^ hash >>> 13) * SECOND_FACTOR;
    return hash ^ hash >>> 16;
  }

  /** The 24-bit number below which the upper bits of a hash drop the element. */
  public static int threshold(double probability) {
    return (int) Math.round(probability * (1 << 24));
  }
}
