using System;
using System.CommandLine;
using System.IO;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli;
using VerifiableCompute.Engine.Cli.Verbs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Planning;

RootCommand root = new("VerifiableCompute: runs models with the same bits on every machine.")
{
    StatementVerb.Make(), RunVerb.Make(), PlanVerb.Make(), ComposeVerb.Make(), ChallengeVerb.Make(), ProveVerb.Make(), VerifyVerb.Make(), AuditVerb.Make(),
    ConformanceVerb.Make(), InspectVerb.Make(), DevicesVerb.Make(), SelftestVerb.Make(), DemoVerb.Make(), BenchVerb.Make(),
};

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    Console.Error.WriteLine("vcompute --help lists the verbs.");
    return ExitCode.Usage;
}

using CancellationTokenSource interrupt = new();
Console.CancelKeyPress += (_, pressed) =>
{
    // What does not listen ends the hard way when asked again.
    pressed.Cancel = !interrupt.IsCancellationRequested;
    interrupt.Cancel();
};

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, interrupt.Token).ConfigureAwait(false);
}
catch (Exception refusal) when (refusal is InvalidModelException or UnsupportedModelException or NotCommittableException or InvalidDataException
    or NoPlacementException)
{
    Console.Error.WriteLine(refusal.Message);
    return ExitCode.Unverifiable;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("cancelled");
    return ExitCode.Cancelled;
}
catch (Exception mistake) when (mistake is ArgumentException or FileNotFoundException or DirectoryNotFoundException)
{
    Console.Error.WriteLine(mistake.Message);
    return ExitCode.Usage;
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or BackendException)
{
    Console.Error.WriteLine(failure.Message);
    return ExitCode.Internal;
}
catch (Exception failure)
{
    Console.Error.WriteLine($"internal error: {failure}");
    return ExitCode.Internal;
}
