package dev.windfall.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Measures speed and bytes on this machine. */
@Command(
    name = "bench",
    description = "Measures speed and bytes on this machine.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "kernels|step|memory",
    subcommands = {
      BenchKernelsCommand.class,
      BenchStepCommand.class,
      BenchMemoryCommand.class,
    },
    footer = {"", "Example:", "  windfall bench step --model wrn-22-2 --sparsity 0.9"})
final class BenchCommand implements Runnable {

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec command = CommandLine.Model.CommandSpec.create();

  BenchCommand() {}

  /** Without a subcommand: shows the help. */
  @Override
  public void run() {
    command.commandLine().usage(command.commandLine().getOut());
  }
}
