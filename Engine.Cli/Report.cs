using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli;

/// <summary>What verbs have in common when they speak.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The option that every verb has.</summary>
    internal static Option<bool> JsonOption() => new("--json") { Description = "one JSON object instead of text" };

    /// <summary>Prints one JSON object on one line.</summary>
    internal static void Json(JsonObject value) => Console.Out.WriteLine(Text(value));

    /// <summary>One JSON object on one line.</summary>
    internal static string Text(JsonObject value) => value.ToJsonString(Plain);

    /// <summary>A list of objects.</summary>
    internal static JsonArray List(IEnumerable<JsonObject> objects) => new([.. objects]);

    /// <summary>The extents of a shape.</summary>
    internal static JsonArray Shape(TensorType type) => new([.. type.Shape.Extents.ToArray().Select(extent => (JsonNode)extent)]);

    /// <summary>Prints a line. Names in files are a stranger's: what would steer a terminal is shown as '?'.</summary>
    internal static void Line(FormattableString text) =>
        Console.Out.WriteLine(string.Concat(text.ToString(CultureInfo.InvariantCulture).Select(letter => char.IsControl(letter) ? '?' : letter)));

    /// <summary>SHA-256 of a tensor's row-major bytes, in hex.</summary>
    internal static string Digest(Tensor tensor) => Convert.ToHexStringLower(SHA256.HashData(tensor.Bytes.Span));

    /// <summary>A number of bytes for people.</summary>
    internal static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB"),
    };
}

/// <summary>A bar on the terminal while something takes long; silent when standard error is not a terminal.</summary>
/// <param name="what">What takes long.</param>
internal sealed class Bar(string what) : IProgress<double>, IDisposable
{
    private const int Width = 30;
    private readonly bool _visible = !Console.IsErrorRedirected;
    private int _shown = -1;

    /// <inheritdoc/>
    public void Report(double value)
    {
        int percent = (int)(Math.Clamp(value, 0, 1) * 100);
        if (!_visible || percent <= _shown)
        {
            return;
        }

        _shown = percent;
        int filled = percent * Width / 100;
        Console.Error.Write($"\r{what} [{new string('#', filled)}{new string('.', Width - filled)}] {percent,3} %");
    }

    /// <summary>Wipes the bar.</summary>
    public void Dispose()
    {
        if (_shown >= 0)
        {
            Console.Error.Write($"\r{new string(' ', what.Length + Width + 12)}\r");
        }
    }
}
