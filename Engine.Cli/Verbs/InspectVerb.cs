using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute inspect FILE</c>.</summary>
internal static class InspectVerb
{
    internal static Command Make()
    {
        Argument<string> file = new("FILE") { Description = "an ONNX model, or a statement, receipt, challenge, proof, fraud proof or trace" };
        Option<bool> json = Report.JsonOption();
        Command command = new("inspect", "Show what a file holds.") { file, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            if (FileHeader.KindOf(Head(path)) is not 0 and FileKind kind)
            {
                return ProtocolFiles.Tell(path, kind, parsed.GetValue(json));
            }

            OnnxModel model = OnnxModel.Load(path);
            if (parsed.GetValue(json))
            {
                Report.Json(new JsonObject
                {
                    ["file_bytes"] = new FileInfo(path).Length,
                    ["producer"] = model.Producer,
                    ["ir_version"] = model.IrVersion,
                    ["opsets"] = new JsonObject(model.Opsets.Select(pair =>
                        KeyValuePair.Create(pair.Key.Length == 0 ? "ai.onnx" : pair.Key, (JsonNode?)pair.Value))),
                    ["inputs"] = Json(model.Inputs),
                    ["optional_inputs"] = Json(model.OptionalInputs),
                    ["outputs"] = Json(model.Outputs),
                    ["nodes"] = model.NodeCount,
                    ["operators"] = new JsonObject(model.OperatorCounts.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
                    ["parameters"] = model.ParameterCount,
                    ["parameter_bytes"] = model.ParameterBytes,
                });
                return ExitCode.Ok;
            }

            string opsets = string.Join(", ", model.Opsets.Select(pair => $"{(pair.Key.Length == 0 ? "ai.onnx" : pair.Key)} {pair.Value}"));
            string size = Report.Bytes(new FileInfo(path).Length);
            Report.Line($"{Path.GetFileName(path)}: {size}, IR {model.IrVersion}, {opsets}, producer '{model.Producer}'");
            foreach (OnnxValue input in model.Inputs)
            {
                Report.Line($"input    {input}");
            }

            foreach (OnnxValue input in model.OptionalInputs)
            {
                Report.Line($"default  {input}");
            }

            foreach (OnnxValue output in model.Outputs)
            {
                Report.Line($"output   {output}");
            }

            Report.Line($"weights  {model.ParameterCount} tensors, {Report.Bytes(model.ParameterBytes)}");
            string counts = string.Join(", ", model.OperatorCounts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value}"));
            Report.Line($"nodes    {model.NodeCount}: {counts}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static JsonArray Json(IEnumerable<OnnxValue> values)
        => Report.List(values.Select(value => new JsonObject { ["name"] = value.Name, ["type"] = value.TypeText }));

    private static byte[] Head(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] head = new byte[7];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }
}
