package dev.windfall.vector;

/** Work space for one operation at a time: as large as the largest wish so far. */
final class WorkArray {

  private float[] array = new float[0];

  /** The array, with at least this many elements of any content. */
  float[] atLeast(int size) {
    if (array.length < size) {
      array = new float[size];
    }
    return array;
  }

  /** Bytes that this holds. */
  long bytes() {
    return 4L * array.length;
  }
}
