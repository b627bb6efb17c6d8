package dev.windfall.vector;

import dev.windfall.network.Parameter;

/** A tensor with one number per channel: bias, scale, shift or running statistic. */
final class DenseParameter {

  private static final float[] NONE = {};

  private final Parameter parameter;
  private final float[] values;
  private final float[] gradients;
  private final float[] momenta;
  private float[] variances = NONE;

  /** A tensor of zeros. */
  DenseParameter(Parameter parameter) {
    int size = (int) parameter.elements();
    int slots = parameter.role().isTrained() ? size : 0;
    this.parameter = parameter;
    values = new float[size];
    gradients = new float[slots];
    momenta = new float[slots];
  }

  Parameter parameter() {
    return parameter;
  }

  /** One per channel. */
  float[] values() {
    return values;
  }

  /** Empty where the tensor is not trained. */
  float[] gradients() {
    return gradients;
  }

  /** What its steps read and write; empty but for the values where the tensor is not trained. */
  OptimizerSlots slots() {
    return new OptimizerSlots(values, gradients, momenta, variances);
  }

  /** Takes memory for second moments, of 0, where there is none yet. */
  void keepVariances() {
    if (variances.length == 0) {
      variances = new float[momenta.length];
    }
  }

  /** Takes over values and what the optimizer keeps; empty for what it does not. */
  void replace(float[] newValues, float[] newMomenta, float[] newVariances) {
    System.arraycopy(newValues, 0, values, 0, values.length);
    System.arraycopy(newMomenta, 0, momenta, 0, momenta.length);
    variances = newVariances.clone();
  }

  /** Bytes that this holds. */
  long bytes() {
    return 4L * (values.length + gradients.length + momenta.length + variances.length);
  }
}
