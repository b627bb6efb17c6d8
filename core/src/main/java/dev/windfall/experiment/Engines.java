package dev.windfall.experiment;

import dev.windfall.engine.Engine;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The engines on the class path, found by {@link ServiceLoader}. */
public final class Engines {

  private Engines() {}

  /** All of them, by name. */
  public static List<Engine> all() {
    return ServiceLoader.load(Engine.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(Engine::name))
        .toList();
  }

  /**
   * The engine of a name.
   *
   * @throws IllegalArgumentException listing the known names, where there is none of this name
   */
  public static Engine named(String name) {
    List<Engine> all = all();
    return all.stream()
        .filter(engine -> engine.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown engine '%s'; known: %s"
                        .formatted(
                            name,
                            all.stream().map(Engine::name).collect(Collectors.joining(" ")))));
  }

  /**
   * An engine with second derivatives: the one that trains, where it has them, else the torch
   * engine.
   *
   * @param wish who needs them, for the message
   * @param how what makes the launcher bring that engine, for the message
   * @throws IllegalArgumentException saying what to add, where there is none
   */
  static Engine withSecondOrder(Engine training, String wish, String how) {
    if (training.hasSecondOrder()) {
      return training;
    }
    return all().stream()
        .filter(engine -> engine.name().equals("torch"))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    wish
                        + " second derivatives, which the engine torch has: add"
                        + " windfall-engine-torch to the class path (./windfall does where an"
                        + " option or a file "
                        + how
                        + ")"));
  }
}
