using System.Runtime.InteropServices;
using System.Text;

namespace VerifiableCompute.Bench.Generated;

/// <summary>Writes the same decoders as files that llama.cpp reads (GGUF, version 3), with the same weights.</summary>
internal static class LlamaGguf
{
    private const int Alignment = 32;
    private const uint TypeUint32 = 4;
    private const uint TypeFloat32 = 6;
    private const uint TypeString = 8;

    /// <summary>Writes a file, if it is not there.</summary>
    public static string Write(LlamaShape shape, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "model.gguf");
        if (File.Exists(path))
        {
            return path;
        }

        string half = path + ".part";
        using (FileStream stream = new(half, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            using BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true);
            Head(writer, shape);
            Pad(stream);
            uint number = 0;
            foreach (Weight weight in shape.Weights)
            {
                Elements(stream, weight, number++);
                Pad(stream);
            }
        }

        File.Move(half, path);
        return path;
    }

    private static void Head(BinaryWriter writer, LlamaShape shape)
    {
        (string Key, object Value)[] facts =
        [
            ("general.architecture", "llama"),
            ("general.name", "generated"),
            ("general.file_type", 0u),
            ("llama.context_length", (uint)LlamaShape.Positions),
            ("llama.embedding_length", (uint)shape.Width),
            ("llama.block_count", (uint)shape.Layers),
            ("llama.feed_forward_length", (uint)shape.Inner),
            ("llama.rope.dimension_count", (uint)shape.HeadWidth),
            ("llama.rope.freq_base", LlamaShape.Base),
            ("llama.attention.head_count", (uint)shape.Heads),
            ("llama.attention.head_count_kv", (uint)shape.Heads),
            ("llama.attention.layer_norm_rms_epsilon", LlamaShape.Epsilon),
            ("llama.vocab_size", (uint)shape.Vocabulary),
            ("tokenizer.ggml.model", "none"),
        ];
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)shape.Weights.Length);
        writer.Write((ulong)facts.Length);
        foreach ((string key, object value) in facts)
        {
            Text(writer, key);
            switch (value)
            {
                case string text:
                    writer.Write(TypeString);
                    Text(writer, text);
                    break;
                case float real:
                    writer.Write(TypeFloat32);
                    writer.Write(real);
                    break;
                case uint number:
                    writer.Write(TypeUint32);
                    writer.Write(number);
                    break;
            }
        }

        ulong offset = 0;
        foreach (Weight weight in shape.Weights)
        {
            // Extents are innermost first; a matrix lies as [output, input], a table as [word, width].
            Text(writer, weight.Other);
            writer.Write(weight.IsVector ? 1u : 2u);
            writer.Write((ulong)(weight.IsVector || weight.IsTable ? weight.Columns : weight.Rows));
            if (!weight.IsVector)
            {
                writer.Write((ulong)(weight.IsTable ? weight.Rows : weight.Columns));
            }

            writer.Write(0u);
            writer.Write(offset);
            offset += ((ulong)weight.Bytes + Alignment - 1) / Alignment * Alignment;
        }
    }

    private static void Elements(FileStream stream, Weight weight, uint number)
    {
        bool transposed = !weight.IsVector && !weight.IsTable;
        float[] row = new float[transposed ? weight.Rows : weight.Columns];
        for (int i = 0; i < (transposed ? weight.Columns : weight.Rows); i++)
        {
            for (int j = 0; j < row.Length; j++)
            {
                row[j] = transposed ? weight.Value(number, j, i) : weight.Value(number, i, j);
            }

            stream.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    private static void Text(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(FileStream stream)
    {
        while (stream.Position % Alignment != 0)
        {
            stream.WriteByte(0);
        }
    }
}
