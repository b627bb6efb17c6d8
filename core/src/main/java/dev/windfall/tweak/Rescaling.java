package dev.windfall.tweak;

import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Learned scales of initial weights.
 *
 * @param scales one for each trained tensor whose initial values are not all 0, by its name, in
 *     network order
 * @param constraintSteps iterations that made the gradient shorter; all others tried a step
 * @param firstGradient length of the gradient before the first iteration
 * @param lastGradient length of the gradient before the last iteration, on other samples
 * @param forwardPasses of single samples that the learning cost, a backward pass counting as two
 */
public record Rescaling(
    Map<String, Double> scales,
    int constraintSteps,
    double firstGradient,
    double lastGradient,
    long forwardPasses) {

  /** Copies the map, with its order. */
  public Rescaling {
    scales = Collections.unmodifiableMap(new LinkedHashMap<>(scales));
  }

  /** Multiplies the values that a session holds by the scales; what does not exist stays absent. */
  public void applyTo(Session session) {
    scales.forEach(
        (tensor, scale) ->
            session.write(tensor, Slot.VALUE, scaled(session.read(tensor, Slot.VALUE), scale)));
  }

  static float[] scaled(float[] values, double scale) {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (scale * values[i]);
    }
    return result;
  }
}
