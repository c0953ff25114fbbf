using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute audit MODEL.onnx --statement S --receipt R [--trace T] --inputs DIR [--fraud-proof F]</c>: run it all again and compare.</summary>
internal static class AuditVerb
{
    internal static Command Make()
    {
        Command command = new("audit", "Run a statement again, whole, and compare every committed value.");
        ModelFiles files = new(command);
        Devices devices = new(command);
        Option<string> statement = new("--statement") { Description = "the statement file", Required = true };
        Option<string> receipt = new("--receipt") { Description = "the accused receipt", Required = true };
        Option<string?> trace = new("--trace") { Description = "the accused trace, to name the element and to prove it" };
        Option<string?> fraud = new("--fraud-proof") { Description = "where the proof is written" };
        Option<bool> json = Report.JsonOption();
        foreach (Option option in new Option[] { statement, receipt, trace, fraud, json })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellation) =>
        {
            StatementFile stated = Open.Statement(parsed.GetRequiredValue(statement));
            ReceiptFile received = Open.Receipt(parsed.GetRequiredValue(receipt));
            using TraceFile? accused = parsed.GetValue(trace) is string path ? Open.Trace(path) : null;
            Stopwatch watch = Stopwatch.StartNew();
            if (RunVerb.Lowered(files, parsed, stated) is not (LoweredGraph graph, ImmutableArray<Tensor> inputs))
            {
                return System.Threading.Tasks.Task.FromResult(ExitCode.Unverifiable);
            }

            using IBackend backend = devices.Open(parsed, files.Path(parsed));
            using Bar bar = new("audit");
            AuditResult result = new Auditor(Devices.HasherOf(backend)).Audit(
                stated, received, graph.Graph, inputs, backend, accused, new Relay(bar), cancellation);
            Verdict verdict = result.Verdict;
            if (verdict.Kind == VerdictKind.Invalid && verdict.Element is ElementRef wrong)
            {
                Node node = graph.Graph.Nodes[wrong.Node];
                verdict = verdict with { Text = $"{verdict.Text}; '{node.Name}' ({node.Op.Name})" };
            }

            if (result.FraudProof is not null && verdict.Kind == VerdictKind.Invalid && parsed.GetValue(fraud) is string to)
            {
                byte[] bytes = result.FraudProof.ToArray();
                Files.Write(to, bytes);
                verdict = verdict with { Text = $"{verdict.Text}; fraud proof of {Report.Bytes(bytes.Length)} written" };
            }

            return System.Threading.Tasks.Task.FromResult(VerifyVerb.Tell(verdict, parsed.GetValue(json), watch.Elapsed.TotalMilliseconds));
        });
        return command;
    }
}
