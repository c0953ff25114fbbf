using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute bench</c>: what commitment costs on the demo's decoder, runs of every kind in turn, medians.</summary>
internal static class BenchVerb
{
    // Runs of each kind before the first that counts: the runtime compiles hot code in tiers.
    private const int Warm = 3;

    internal static Command Make()
    {
        Option<int> rounds = new("--rounds") { Description = "runs of each kind", DefaultValueFactory = _ => 21 };
        Option<bool> json = Report.JsonOption();
        Command command = new("bench", "Time the demo's decoder without and with commitment.") { rounds, json };
        Devices devices = new(command);
        command.SetAction((parsed, cancellation) =>
        {
            using IBackend backend = devices.Open(parsed);
            return Task.FromResult(Run(backend, Math.Max(1, parsed.GetValue(rounds)), parsed.GetValue(json), cancellation));
        });
        return command;
    }

    private static int Run(IBackend backend, int rounds, bool json, CancellationToken cancellation)
    {
        DecoderModel model = DecoderModel.Standard;
        ImmutableArray<Tensor> inputs = [model.Prompt()];
        Committer committer = new(Devices.HasherOf(backend));
        Executor executor = new(model.Build(), backend);
        List<Way> ways = [new Way("none", "none", 0, () => executor.Run(inputs, cancellation: cancellation))];
        foreach (Policy policy in new[] { Policy.Compact2, Policy.Compact, Policy.Atomic })
        {
            LoweredGraph lowered = Lowerer.Lower(model.Build(), policy);
            Executor committed = new(lowered.Graph, backend);
            foreach (Suite suite in new[] { Suite.Sha256, Suite.Blake3 })
            {
                StatementFile statement = committer.State(lowered, inputs, StatementVerb.Default with { Suite = suite, Policy = policy });
                long bytes = lowered.Committed.Records.SelectMany(record => record.Outputs)
                    .Where(output => output.Resolution == Resolution.Committed).Sum(output => output.Type.Bytes);
                ways.Add(new Way(policy.Name(), StatementVerb.Terms.Name(suite), bytes, () =>
                    committer.Run(statement, committed, inputs, cancellation: cancellation)));
            }
        }

        for (int warm = 0; warm < Warm; warm++)
        {
            foreach (Way way in ways)
            {
                way.Do();
            }
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (Way way in ways)
            {
                cancellation.ThrowIfCancellationRequested();
                Stopwatch watch = Stopwatch.StartNew();
                way.Do();
                way.Milliseconds.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        Tell(ways, backend, json);
        return ExitCode.Ok;
    }

    private static void Tell(List<Way> ways, IBackend backend, bool json)
    {
        if (!json)
        {
            Report.Line($"{backend.Name}, {Devices.Simd(backend)}, {Devices.Workers(backend)} workers; medians of {ways[0].Milliseconds.Count} runs in turn");
            Report.Line($"{"policy",-12}{"suite",-10}{"ms",10}{"overhead",12}{"committed",14}");
        }

        foreach (Way way in ways)
        {
            double overhead = (way.Median / ways[0].Median) - 1;
            if (json)
            {
                Report.Json(new { way.Policy, way.Suite, Milliseconds = way.Median, Overhead = overhead, CommittedBytes = way.Bytes });
            }
            else
            {
                Report.Line($"{way.Policy,-12}{way.Suite,-10}{way.Median,10:0.0}{overhead,12:P1}{Report.Bytes(way.Bytes),14}");
            }
        }
    }

    private sealed record Way(string Policy, string Suite, long Bytes, Action Do)
    {
        internal List<double> Milliseconds { get; } = [];

        internal double Median => Milliseconds.Order().ElementAt(Milliseconds.Count / 2);
    }
}
