using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute statement MODEL.onnx --inputs DIR -o S</c>: what is to be computed, before anyone runs it.</summary>
internal static class StatementVerb
{
    // 100 samples find 4.5 % of wrong elements with 99 %: a cheaper model, a skipped layer. 459 find 1 %; the host says what it wants.
    private const int DefaultSamples = 100;

    /// <summary>The terms of a statement that nobody gave any for.</summary>
    internal static Statement Default { get; } = new()
    {
        Policy = Policy.Compact2,
        Suite = Suite.Sha256,
        GraphRoot = default,
        ParametersRoot = default,
        InputsRoot = default,
        Challenge = new ChallengePolicy(DefaultSamples, ChallengePolicy.Whole / 2, "test", 1),
        Domain = Domain.Test,
    };

    internal static Command Make()
    {
        Command command = new("statement", "State what is to be computed: lowered graph, roots, policies.");
        ModelFiles files = new(command);
        Terms terms = new(command);
        Option<string> output = new("-o", "--output") { Description = "the statement file", Required = true };
        Option<bool> json = Report.JsonOption();
        command.Add(output);
        command.Add(json);
        command.SetAction(parsed =>
        {
            (Graph graph, ImmutableArray<Tensor> inputs) = files.Load(parsed);
            LoweredGraph lowered = Lowerer.Lower(graph, terms.Policy(parsed));
            StatementFile statement = new Committer(Hasher.Best).State(lowered, inputs, terms.Template(parsed));
            Files.Write(parsed.GetRequiredValue(output), statement.ToArray());
            Tell(statement, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Prints what a statement says.</summary>
    internal static void Tell(StatementFile file, bool json)
    {
        Statement statement = file.Statement;
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["statement_id"] = statement.Id.ToString(),
                ["suite"] = Terms.Name(statement.Suite),
                ["policy"] = statement.Policy.Name(),
                ["graph_root"] = statement.GraphRoot.ToString(),
                ["parameters_root"] = statement.ParametersRoot.ToString(),
                ["inputs_root"] = statement.InputsRoot.ToString(),
                ["records"] = file.Graph.Records.Length,
                ["committed_elements"] = file.Graph.Elements.ToString(CultureInfo.InvariantCulture),
                ["work"] = file.Graph.Work.ToString(CultureInfo.InvariantCulture),
                ["samples"] = statement.Challenge.Samples,
                ["beacon"] = statement.Challenge.BeaconId,
                ["delay"] = statement.Challenge.Delay,
                ["domain"] = statement.Domain.Namespace,
                ["job_id"] = statement.JobId.ToString(),
            });
            return;
        }

        Report.Line($"statement   {statement.Id}");
        Report.Line($"graph       {statement.GraphRoot}, {file.Graph.Records.Length} records, {statement.Policy.Name()}, {Terms.Name(statement.Suite)}");
        Report.Line($"parameters  {statement.ParametersRoot}");
        Report.Line($"inputs      {statement.InputsRoot}");
        Report.Line($"committed   {file.Graph.Elements} elements; checking all takes at most {file.Graph.Work} operations");
        Report.Line($"challenge   {statement.Challenge.Samples} samples, beacon '{statement.Challenge.BeaconId}', delay {statement.Challenge.Delay}");
        Report.Line($"domain      {statement.Domain.Namespace}");
    }

    /// <summary>What a host decides about a statement, on the command line.</summary>
    internal sealed class Terms
    {
        private readonly Option<string> _policy = new("--policy")
        {
            Description = "compact (that is compact/2), compact/1, or atomic",
            DefaultValueFactory = _ => "compact",
        };

        private readonly Option<string> _suite = new("--suite") { Description = "sha256 or blake3", DefaultValueFactory = _ => "sha256" };
        private readonly Option<string?> _job = new("--job") { Description = "the job's name, 64 hexadecimal digits" };
        private readonly Option<string> _domain = new("--domain") { Description = "the host protocol's name", DefaultValueFactory = _ => "test" };
        private readonly Option<int> _samples = new("--samples") { Description = "fewest elements to draw", DefaultValueFactory = _ => DefaultSamples };
        private readonly Option<string> _beacon = new("--beacon-id") { Description = "the source of randomness", DefaultValueFactory = _ => "test" };
        private readonly Option<ulong> _delay = new("--delay") { Description = "rounds between anchor and challenge", DefaultValueFactory = _ => 1 };

        internal Terms(Command command)
        {
            _policy.AcceptOnlyFromAmong("compact", "compact/2", "compact/1", "atomic", "atomic/1");
            _suite.AcceptOnlyFromAmong("sha256", "blake3");
            foreach (Option option in new Option[] { _policy, _suite, _job, _domain, _samples, _beacon, _delay })
            {
                command.Add(option);
            }

            _samples.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() is < 1 or > Limits.Samples)
                {
                    result.AddError($"--samples is 1 to {Limits.Samples}");
                }
            });
        }

        internal static string Name(Suite suite) => suite == Suite.Blake3 ? "blake3" : "sha256";

        internal Policy Policy(ParseResult parsed) => PolicyOf(parsed.GetValue(_policy));

        internal static Policy PolicyOf(string? name) => name switch
        {
            "compact/1" => Lowering.Policy.Compact,
            "atomic" or "atomic/1" => Lowering.Policy.Atomic,
            _ => Lowering.Policy.Compact2,
        };

        internal Statement Template(ParseResult parsed) => Default with
        {
            Policy = Policy(parsed),
            Suite = parsed.GetValue(_suite) == "blake3" ? Suite.Blake3 : Suite.Sha256,
            Challenge = Default.Challenge with
            {
                Samples = parsed.GetValue(_samples),
                BeaconId = parsed.GetValue(_beacon)!,
                Delay = parsed.GetValue(_delay),
            },
            Domain = Domain.Test with { Namespace = parsed.GetValue(_domain)! },
            JobId = Hex.Digest(parsed.GetValue(_job), "--job"),
        };
    }
}
