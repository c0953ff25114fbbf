using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli;

/// <summary>The model and its inputs on the command line.</summary>
internal sealed class ModelFiles
{
    private readonly Argument<string> _model = new("MODEL.onnx") { Description = "the model" };
    private readonly Option<string[]> _input = new("--input") { Description = "NAME=FILE.pb, once for each input" };
    private readonly Option<string?> _inputs = new("--inputs") { Description = "a folder with input_0.pb, input_1.pb … in the model's order" };

    internal ModelFiles(Command command, bool isOptional = false)
    {
        if (isOptional)
        {
            _model.Arity = ArgumentArity.ZeroOrOne;
        }

        command.Add(_model);
        command.Add(_input);
        command.Add(_inputs);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_input) is not null && result.GetResult(_inputs) is not null)
            {
                result.AddError("give --input or --inputs, not both");
            }
        });
    }

    /// <summary>Path of the model.</summary>
    internal string Path(ParseResult parsed) => parsed.GetRequiredValue(_model);

    /// <summary>Whether a model is given.</summary>
    internal bool HasModel(ParseResult parsed) => parsed.GetResult(_model)?.Tokens.Count > 0;

    /// <summary>Whether inputs are given.</summary>
    internal bool HasInputs(ParseResult parsed) => (parsed.GetResult(_input) ?? parsed.GetResult(_inputs)) is not null;

    /// <summary>The model as a statement may name it, its shapes made concrete by the inputs, and the inputs in its order.</summary>
    internal (Graph Graph, ImmutableArray<Tensor> Inputs) Load(ParseResult parsed)
    {
        (OnnxModel model, Dictionary<string, Tensor> given) = Read(parsed);
        Graph graph = model.Specialize(given);
        return (graph, OnnxModel.Bind(graph, given));
    }

    /// <summary>The model for a plain run, and the inputs in its order.</summary>
    internal (Graph Graph, ImmutableArray<Tensor> Inputs) LoadForRun(ParseResult parsed, IBackend backend, CancellationToken cancellation)
    {
        (OnnxModel model, Dictionary<string, Tensor> given) = Read(parsed);
        Graph graph = model.SpecializeForRun(given, backend, cancellation);
        return (graph, OnnxModel.Bind(graph, given));
    }

    /// <summary>The model as it is in its file, and the inputs that are given, by name.</summary>
    internal (OnnxModel Model, Dictionary<string, Tensor> Given) Read(ParseResult parsed, bool needsInputs = true)
    {
        OnnxModel model = OnnxModel.Load(Path(parsed));
        return (model, needsInputs || HasInputs(parsed) ? Given(model, parsed.GetValue(_input) ?? [], parsed.GetValue(_inputs)) : []);
    }

    private static Dictionary<string, Tensor> Given(OnnxModel model, string[] named, string? folder)
    {
        Dictionary<string, Tensor> given = new(StringComparer.Ordinal);
        foreach (string pair in named)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !given.TryAdd(pair[..equals], TensorFile.Read(pair[(equals + 1)..])))
            {
                throw new ArgumentException($"--input '{pair}' is not NAME=FILE.pb, or names an input twice");
            }
        }

        ImmutableArray<Tensor> listed = folder is null ? [] : Conformance.ReadSet(folder, "input");
        if (folder is not null && listed.Length != model.Inputs.Length)
        {
            throw new ArgumentException($"'{folder}' has {listed.Length} inputs, the model needs {model.Inputs.Length}");
        }

        for (int i = 0; i < listed.Length; i++)
        {
            given.Add(model.Inputs[i].Name, listed[i]);
        }

        return given;
    }
}
