package dev.windfall.tweak;

import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a rewrite added to a network: parameters that the original lacks.
 *
 * @param weights in matrices
 * @param others in biases and batch norms, without running statistics
 */
public record Addition(long weights, long others) {

  /** The parameters of a rewritten network that the original lacks, by their names. */
  public static Addition of(Network original, Network rewritten) {
    Set<String> known =
        original.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
    List<Parameter> added =
        rewritten.parameters().stream()
            .filter(parameter -> parameter.role().isTrained() && !known.contains(parameter.name()))
            .toList();
    long weights = added.stream().filter(Parameter::isMatrix).mapToLong(Parameter::elements).sum();
    return new Addition(weights, added.stream().mapToLong(Parameter::elements).sum() - weights);
  }

  /** All of them. */
  public long parameters() {
    return weights + others;
  }
}
