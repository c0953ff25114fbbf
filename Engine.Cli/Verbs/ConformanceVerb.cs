using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Text.Json.Nodes;
using System.Threading.Tasks;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Onnx;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute conformance DIR</c>.</summary>
internal static class ConformanceVerb
{
    internal static Command Make()
    {
        Argument<string> folder = new("DIR") { Description = "test folders are found below it" };
        Option<double> relative = new("--rtol") { Description = "allowed share of the expected value", DefaultValueFactory = _ => 1e-3 };
        Option<double> absolute = new("--atol") { Description = "allowed on top of that", DefaultValueFactory = _ => 1e-5 };
        Option<bool> json = Report.JsonOption();
        Command command = new("conformance", "Run ONNX test folders and compare.") { folder, relative, absolute, json };
        Devices devices = new(command);
        command.SetAction((parsed, cancellation) =>
        {
            string root = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(root))
            {
                throw new DirectoryNotFoundException($"'{root}' is not a folder");
            }

            IReadOnlyList<string> tests = Conformance.Find(root);
            if (tests.Count == 0)
            {
                throw new ArgumentException($"'{root}' has no test folder below it");
            }

            Conformance conformance = new(parsed.GetValue(relative), parsed.GetValue(absolute));
            using IBackend backend = devices.Open(parsed);
            int passed = 0;
            int skipped = 0;
            foreach (string test in tests)
            {
                cancellation.ThrowIfCancellationRequested();
                ConformanceResult result = conformance.Run(test, backend, cancellation);
                passed += result.Passed ? 1 : 0;
                skipped += result.IsSkipped ? 1 : 0;
                Tell(Path.GetRelativePath(root, test), result, parsed.GetValue(json));
            }

            Report.Line($"{passed} passed, {tests.Count - passed - skipped} failed, {skipped} skipped");
            return Task.FromResult(passed + skipped == tests.Count ? ExitCode.Ok : ExitCode.Invalid);
        });
        return command;
    }

    private static void Tell(string test, ConformanceResult result, bool json)
    {
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["test"] = test,
                ["passed"] = result.Passed,
                ["skipped"] = result.IsSkipped,
                ["reason"] = result.Reason,
                ["largest_difference"] = result.LargestDifference,
            });
        }
        else if (result.Passed)
        {
            Report.Line($"passed  {test}  largest difference {result.LargestDifference:g3}");
        }
        else
        {
            Report.Line($"{(result.IsSkipped ? "skipped" : "FAILED ")} {test}  {result.Reason}");
        }
    }
}
