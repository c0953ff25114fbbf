using System;

using VerifiableCompute.Engine.Execution;

namespace VerifiableCompute.Engine.Cli;

/// <summary>Shows a run's progress on a bar.</summary>
internal sealed class Relay(IProgress<double> bar) : IProgress<RunProgress>
{
    public void Report(RunProgress value) => bar.Report(value.Done / (double)value.Total);
}
