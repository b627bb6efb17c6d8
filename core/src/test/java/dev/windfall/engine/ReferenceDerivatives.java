package dev.windfall.engine;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Derivatives of a session of {@link ReferenceEngine}: first ones in double precision, second ones
 * by differences of first ones, which are rough.
 */
final class ReferenceDerivatives implements SecondOrder {

  private static final double DIFFERENCE = 1e-2;

  private final ReferenceSession session;
  private final Map<String, ReferenceTensor> tensors;

  ReferenceDerivatives(ReferenceSession session, Map<String, ReferenceTensor> tensors) {
    this.session = session;
    this.tensors = tensors;
  }

  private Map<String, ReferenceTensor> trained() {
    Map<String, ReferenceTensor> trained = new LinkedHashMap<>(tensors);
    trained.values().removeIf(tensor -> !tensor.parameter.role().isTrained());
    return trained;
  }

  @Override
  public Map<String, double[]> gradient(Problem problem) {
    Map<String, double[]> before = new LinkedHashMap<>();
    trained().forEach((name, tensor) -> before.put(name, tensor.gradient.clone()));
    trained().values().forEach(tensor -> Arrays.fill(tensor.gradient, 0));
    session.accumulate(
        problem.batch(), problem.objective(), problem.mode(), problem.scale(), Growth.NONE);
    Map<String, double[]> gradient = new LinkedHashMap<>();
    trained().forEach((name, tensor) -> gradient.put(name, tensor.gradient.clone()));
    before.forEach(
        (name, slopes) -> System.arraycopy(slopes, 0, gradientOf(name), 0, slopes.length));
    return gradient;
  }

  private double[] gradientOf(String name) {
    ReferenceTensor tensor = tensors.get(name);
    return tensor == null ? new double[0] : tensor.gradient;
  }

  @Override
  public Map<String, double[]> hessianVector(Problem problem, Map<String, double[]> vector) {
    double length = 0;
    for (double[] numbers : vector.values()) {
      length += Arrays.stream(numbers).map(x -> x * x).sum();
    }
    double step = DIFFERENCE / Math.max(1e-30, Math.sqrt(length));
    Map<String, double[]> above = gradientAt(problem, vector, step);
    Map<String, double[]> below = gradientAt(problem, vector, -step);
    above.forEach(
        (name, slopes) -> {
          double[] other = below.getOrDefault(name, new double[slopes.length]);
          Arrays.setAll(slopes, i -> (slopes[i] - other[i]) / (2 * step));
        });
    return above;
  }

  private Map<String, double[]> gradientAt(
      Problem problem, Map<String, double[]> vector, double step) {
    Map<String, float[]> before = new LinkedHashMap<>();
    vector.forEach(
        (name, numbers) -> {
          float[] values = session.read(name, Slot.VALUE);
          before.put(name, values.clone());
          for (int i = 0; i < values.length; i++) {
            values[i] += (float) (step * numbers[i]);
          }
          session.write(name, Slot.VALUE, values);
        });
    Map<String, double[]> gradient = gradient(problem);
    before.forEach((name, values) -> session.write(name, Slot.VALUE, values));
    return gradient;
  }

  @Override
  public GradientNorm gradientNorm(Problem problem) {
    Map<String, double[]> gradient = gradient(problem);
    double squares = 0;
    for (double[] slopes : gradient.values()) {
      squares += Arrays.stream(slopes).map(x -> x * x).sum();
    }
    double norm = Math.sqrt(squares);
    Map<String, double[]> product = hessianVector(problem, gradient);
    product.values().forEach(slopes -> Arrays.setAll(slopes, i -> slopes[i] / norm));
    return new GradientNorm(norm, product);
  }
}
