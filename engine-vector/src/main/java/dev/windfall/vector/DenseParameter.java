package dev.windfall.vector;

import dev.windfall.network.Parameter;

/**
 * A tensor with one number per channel: bias, scale, shift or running statistic.
 *
 * @param parameter what it is
 * @param values one per channel
 * @param gradients empty where the tensor is not trained
 * @param momenta empty where the tensor is not trained
 */
record DenseParameter(Parameter parameter, float[] values, float[] gradients, float[] momenta) {

  static DenseParameter of(Parameter parameter) {
    int size = (int) parameter.elements();
    int slots = parameter.role().isTrained() ? size : 0;
    return new DenseParameter(parameter, new float[size], new float[slots], new float[slots]);
  }

  /** Bytes that this holds. */
  long bytes() {
    return 4L * (values.length + gradients.length + momenta.length);
  }
}
